#include "cli/instance_wait.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "os/fd.hpp"
#include "ports/instance_rules.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::minutes kDeadline{5};

std::size_t count_from(const Arguments& arguments) {
    const auto text = arguments.one_or("count", "1");
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number == 0) {
        throw Error{
            ErrorKind::invalid, fmt::format("--count: '{}' is not a number from 1 up", text)};
    }
    return number;
}

/// The text itself, or what stands in a file: "@FILE".
std::string user_data_from(const Arguments& arguments) {
    const auto given = arguments.one_or("user-data", "");
    return given.starts_with('@') ? os::read_file(given.substr(1), 1U << 20) : given;
}

std::string group_id(ports::SecurityGroups& groups, const std::string& reference) {
    for (const auto& group : groups.describe({})) {
        if (group.id == reference || group.name == reference) {
            return group.id;
        }
    }
    throw Error{ErrorKind::not_found, fmt::format("there is no security group '{}'", reference)}
        .hint("kiln security-group list");
}

ports::InstanceSpec spec_from(Context& context) {
    const auto& arguments = context.arguments;
    ports::InstanceSpec spec;
    spec.image = find_image(context.services.cloud().images, *arguments.one("IMAGE")).id;
    spec.type = arguments.one_or("type", "ct.small");
    spec.count = count_from(arguments);
    spec.tags = tags_from(arguments.all("tag"));
    if (const auto name = arguments.one("name")) {
        spec.tags["Name"] = *name;
    }
    spec.user_data = user_data_from(arguments);
    spec.key_name = arguments.one_or("key", "");
    for (const auto& group : arguments.all("security-group")) {
        spec.security_groups.push_back(group_id(context.services.machines().groups, group));
    }
    spec.shutdown = arguments.one_or("shutdown", "stop") == "terminate"
                        ? ports::ShutdownBehaviour::terminate
                        : ports::ShutdownBehaviour::stop;
    spec.client_token = arguments.one_or("client-token", "");
    if (const auto size = arguments.one("volume-size")) {
        spec.volume_size = parse_bytes(*size);
    }
    if (const auto lifetime = arguments.one("lifetime")) {
        spec.lifetime = parse_duration(*lifetime);
    }
    return spec;
}

int launch(Context& context) {
    const auto deadline = Deadline::after(kDeadline);
    auto answer = context.services.machines().instances.launch(spec_from(context), deadline);
    if (const auto* full = std::get_if<ports::NoCapacity>(&answer)) {
        throw Error{ErrorKind::exhausted, full->why};
    }
    auto made = std::get<std::vector<ports::Instance>>(std::move(answer));
    std::vector<InstanceId> ids;
    for (const auto& one : made) {
        ids.push_back(one.id);
    }
    if (!context.arguments.has("no-wait")) {
        made = wait_settled(context, ids, deadline);
    }
    int code = 0;
    for (const auto& one : made) {
        const bool up = one.state == ports::InstanceState::running ||
                        one.state == ports::InstanceState::pending;
        code = up ? code : exit_code(ErrorKind::internal);
    }
    if (context.json) {
        print_instances(context, made);
        return code;
    }
    for (const auto& id : ids) {
        context.output.line(id.str());
    }
    return code;
}

int list(Context& context) {
    const auto& arguments = context.arguments;
    ports::InstanceFilter filter;
    for (const auto& [key, value] : tags_from(arguments.all("tag"))) {
        filter.tags[key] = {value};
    }
    for (const auto& state : arguments.all("state")) {
        filter.states.push_back(ports::instance_state(state));
    }
    print_instances(context, context.services.machines().instances.describe(filter));
    return 0;
}

int show(Context& context) {
    const auto one =
        find_instance(context.services.machines().instances, *context.arguments.one("INSTANCE"));
    if (context.json) {
        context.output.document(ports::to_json(one));
        return 0;
    }
    std::string groups;
    for (const auto& group : one.security_groups) {
        groups += (groups.empty() ? "" : ", ") + group;
    }
    const auto time = [](const std::optional<TimePoint>& when) {
        return when ? format_time(*when) : std::string{};
    };
    context.output.print(facts_text(
        {{"id", one.id.str()},
         {"state", std::string{ports::to_string(one.state)}},
         {"reason", one.reason},
         {"type", one.type},
         {"image", one.image.str()},
         {"zone", one.zone},
         {"address", one.private_ip},
         {"key", one.key_name},
         {"security groups", groups},
         {"root volume", one.root_volume.str()},
         {"launched", format_time(one.launched)},
         {"ends at", time(one.deadline)},
         {"ended", time(one.ended)},
         {"tags", tags_text(one.tags)}}
    ));
    return 0;
}

const std::vector<std::string> kStates{
    "pending", "running", "stopping", "stopped", "shutting-down", "terminated"};

}  // namespace

Verb instance_launch() {
    return {
        .path = "instance launch",
        .summary = "start a machine from an image",
        .text =
            "Prints the ids. Waits until all run, unless --no-wait. Types ct.nano, ct.micro, "
            "ct.small, ct.medium and ct.large are containers, those with vm. QEMU machines.\n\n"
            "User data runs once, at the first boot: a script that begins with #!, or #include "
            "URL, whose script is fetched from within the instance.\n\n"
            "Exit code 6 when there is no room for it.",
        .arguments = {{"IMAGE", "id or name of an image"}},
        .options =
            {{.name = "type", .value = "TYPE", .help = "ct.small by default"},
             {.name = "count", .value = "N", .help = "so many; all of them or none"},
             {.name = "name", .value = "NAME", .help = "its tag Name"},
             {.name = "tag", .value = "KEY=VALUE", .help = "a tag", .repeatable = true},
             {.name = "user-data", .value = "TEXT", .help = "the text, or @FILE"},
             {.name = "key", .value = "NAME", .help = "a key pair: kiln key import"},
             {.name = "security-group",
              .value = "GROUP",
              .help = "id or name; none: this host may come in, nobody else",
              .repeatable = true},
             {.name = "shutdown",
              .value = "WHAT",
              .help = "when it powers itself off",
              .choices = {"stop", "terminate"}},
             {.name = "volume-size", .value = "SIZE", .help = "of its root: 20GiB"},
             {.name = "lifetime", .value = "DURATION", .help = "it powers itself off then: 2h"},
             {.name = "client-token",
              .value = "TOKEN",
              .help = "the same token yields the same instances"},
             {.name = "no-wait", .help = "return when it is recorded"}},
        .examples =
            {{"kiln instance launch web --name web-1", "one container"},
             {"kiln instance launch web --count 3 --user-data @init.sh --lifetime 2h",
              "three, for two hours"}},
        .needs = Needs::changes,
        .run = launch,
    };
}

Verb instance_list() {
    return {
        .path = "instance list",
        .summary = "list instances, newest first",
        .text = "Those that are terminated are listed for an hour.",
        .options =
            {{.name = "tag", .value = "KEY=VALUE", .help = "only these", .repeatable = true},
             {.name = "state",
              .value = "STATE",
              .help = "only these",
              .repeatable = true,
              .choices = kStates}},
        .examples = {{"kiln instance list --state running", "what runs"}},
        .needs = Needs::store,
        .run = list,
    };
}

Verb instance_show() {
    return {
        .path = "instance show",
        .summary = "show one instance",
        .text = "",
        .arguments = {{"INSTANCE", "id, or the tag Name of one"}},
        .examples = {{"kiln instance show web-1", "where it is reached, and why it ended"}},
        .needs = Needs::store,
        .run = show,
    };
}

}  // namespace kiln::cli::verbs
