// Verbs that ask a server for machines.

#include "cli/read_request.hpp"
#include "cli/references.hpp"
#include "cli/states_api.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

const Option kServer{
    .name = "server", .value = "URL", .help = "the server to ask (default: that of this home)"};
const Option kChannel{.name = "slack-channel", .value = "CHANNEL", .help = "where its notices go"};

Remote remote_of(Context& context) {
    return {context.services.wire(), find_address(context.config, context.arguments.one("server"))};
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        out += plain ? std::string{c} : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string channel_query(const Context& context) {
    const auto channel = context.arguments.one("slack-channel");
    return channel ? "?slack-channel=" + encoded(*channel) : "";
}

const json::object& only(const json::value& answer, std::string_view key) {
    const auto* object = answer.if_object();
    const auto* list = object != nullptr ? object->if_contains(key) : nullptr;
    if (list == nullptr || !list->is_array() || list->get_array().empty() ||
        !list->get_array()[0].is_object()) {
        throw Error{ErrorKind::internal, fmt::format("the server's answer has no '{}'", key)};
    }
    return list->get_array()[0].get_object();
}

/// The request of a file, or an empty one: bare, or as the API takes it.
json::object request_of(const std::optional<std::string>& file) {
    if (!file) {
        return {};
    }
    auto document = parse_json(read_request(*file));
    auto* object = document.if_object();
    auto* inner = object != nullptr ? object->if_contains("instance_builds") : nullptr;
    if (inner != nullptr) {
        document = json::value{*inner};
        object = document.if_object();
    }
    if (object == nullptr) {
        throw Error{ErrorKind::invalid, "a request is one JSON object"};
    }
    return *object;
}

int submit(Context& context) {
    const auto& arguments = context.arguments;
    auto request = request_of(arguments.one("REQUEST"));
    for (const auto& [flag, key] : std::vector<std::pair<const char*, const char*>>{
             {"site", "site"},
             {"env", "env"},
             {"queue", "queue"},
             {"role", "role"},
             {"type", "instance_type"},
             {"image", "ami"}}) {
        if (const auto value = arguments.one(flag)) {
            request[key] = *value;
        }
    }
    if (const auto count = arguments.one("count")) {
        std::int64_t number = 0;
        const auto* end = count->data() + count->size();
        const auto [stop, error] = std::from_chars(count->data(), end, number);
        if (error != std::errc{} || stop != end) {
            throw Error{ErrorKind::invalid, fmt::format("--count: '{}' is no number", *count)};
        }
        request["count"] = number;
    } else if (!request.contains("count")) {
        request["count"] = 1;
    }
    auto remote = remote_of(context);
    const auto answer = remote.call(
        "POST",
        "/instance-builds" + channel_query(context),
        {},
        json::serialize(json::object{{"instance_builds", std::move(request)}}),
        context.stop
    );
    const auto& build = only(answer, "instance_builds");
    if (context.json) {
        context.output.document(build);
    } else {
        context.output.line(text_in(build, "id"));
    }
    return 0;
}

void print_build(Context& context, const json::object& build) {
    if (context.json) {
        context.output.document(build);
        return;
    }
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto* key :
         {"id", "state", "site", "env", "queue", "role", "instance_type", "image_id", "error"}) {
        if (auto text = text_in(build, key); !text.empty()) {
            facts.emplace_back(key, std::move(text));
        }
    }
    context.output.print(facts_text(facts));
    if (const auto* events = build.if_contains("events"); events != nullptr && events->is_array()) {
        Table table{{{"TIME"}, {"EVENT"}, {"WHAT"}}};
        for (const auto& event : events->get_array()) {
            if (const auto* object = event.if_object()) {
                table.add(
                    {text_in(*object, "time"),
                     text_in(*object, "kind"),
                     text_in(*object, "message")}
                );
            }
        }
        context.output.print("\n" + table.text(context.output.out_terminal()));
    }
}

int show(Context& context) {
    auto remote = remote_of(context);
    const auto path = "/instance-builds/" + encoded(*context.arguments.one("BUILD"));
    const auto answer = remote.call("GET", path, {}, "", context.stop);
    print_build(context, only(answer, "instance_builds"));
    return 0;
}

int list(Context& context) {
    auto remote = remote_of(context);
    std::string query = "?limit=1000";
    if (const auto state = context.arguments.one("state")) {
        query += "&state=" + encoded(*state);
    }
    json::array all;
    Table table{{{"ID"}, {"STATE"}, {"SITE"}, {"ENV"}, {"QUEUE"}, {"ROLE"}, {"TYPE"}}};
    for (std::string after;;) {
        const auto answer = remote.call(
            "GET",
            "/instance-builds" + query + (after.empty() ? "" : "&after=" + encoded(after)),
            {},
            "",
            context.stop
        );
        for (const auto& one : answer.at("instance_builds").as_array()) {
            const auto& build = one.as_object();
            table.add(
                {text_in(build, "id"),
                 text_in(build, "state"),
                 text_in(build, "site"),
                 text_in(build, "env"),
                 text_in(build, "queue"),
                 text_in(build, "role"),
                 text_in(build, "instance_type")}
            );
            all.push_back(one);
        }
        after = text_in(answer.as_object(), "next");
        if (after.empty()) {
            break;
        }
    }
    if (context.json) {
        context.output.document(all);
    } else {
        context.output.print(table.text(context.output.out_terminal()));
    }
    return 0;
}

int finish(Context& context) {
    auto remote = remote_of(context);
    json::object report{{"state", "finished"}};
    if (const auto instance = context.arguments.one("instance")) {
        report["instance_id"] = *instance;
    }
    const auto answer = remote.call(
        "PATCH",
        "/instance-builds/" + encoded(*context.arguments.one("BUILD")) + channel_query(context),
        {},
        json::serialize(report),
        context.stop
    );
    if (context.json) {
        context.output.document(only(answer, "instance_builds"));
    }
    return 0;
}

/// The id of an image of the server's, by id or name.
std::string image_id(Remote& remote, const std::string& image, const std::stop_token& stop) {
    if (image.starts_with("ami-")) {
        return image;
    }
    const auto answer = remote.call("GET", "/v1/images?name=" + encoded(image), {}, "", stop);
    const auto& found = answer.at("images").as_array();
    if (found.size() != 1) {
        throw Error{
            found.empty() ? ErrorKind::not_found : ErrorKind::conflict,
            fmt::format("{} '{}'", found.empty() ? "no image" : "several images are named", image)};
    }
    return text_in(found[0].as_object(), "id");
}

int activate(Context& context) {
    auto remote = remote_of(context);
    const auto id = image_id(remote, *context.arguments.one("IMAGE"), context.stop);
    const auto role = context.arguments.one("role");
    const auto answer = remote.call(
        "PUT",
        "/images/" + encoded(id) + "/active" + (role ? "?role=" + encoded(*role) : ""),
        {},
        "",
        context.stop
    );
    const auto& image = only(answer, "images");
    if (context.json) {
        context.output.document(image);
    } else if (!context.quiet) {
        context.output.remark(
            fmt::format("{} is the active image of role {}\n", id, text_in(image, "role"))
        );
    }
    return 0;
}

}  // namespace

Verb instance_build_submit() {
    return {
        .path = "instance-build submit",
        .summary = "ask for machines",
        .text =
            "Prints the build's id. What a request may say is in docs/reference/instances-api.md; "
            "options go before what the file says. Without a count it is one machine.",
        .arguments = {{"REQUEST", "the request (JSON); - is stdin", Argument::Count::optional}},
        .options =
            {{.name = "site", .value = "SITE", .help = "the site it is for"},
             {.name = "env", .value = "ENV", .help = "the environment"},
             {.name = "queue", .value = "QUEUE", .help = "the queue that it works for"},
             {.name = "role", .value = "ROLE", .help = "its role"},
             {.name = "type", .value = "TYPE", .help = "its instance type: ct.small"},
             {.name = "count", .value = "N", .help = "so many machines"},
             {.name = "image", .value = "IMAGE", .help = "id of an image (default: its role's)"},
             kChannel,
             kServer},
        .examples =
            {{"kiln instance-build submit --site org --env prod --queue linux --type ct.small",
              "one machine from the active image of the default role"}},
        .needs = Needs::nothing,
        .run = submit,
    };
}

Verb instance_build_show() {
    return {
        .path = "instance-build show",
        .summary = "show a build of machines and what happened so far",
        .text = "",
        .arguments = {{"BUILD", "its id"}},
        .options = {kServer},
        .examples =
            {{"kiln instance-build show 7f4c0b0e-3c3e-4f0e-9d0a-5f1d2c3b4a59", "how far it is"}},
        .needs = Needs::nothing,
        .run = show,
    };
}

Verb instance_build_list() {
    return {
        .path = "instance-build list",
        .summary = "list builds of machines, newest first",
        .text = "",
        .options =
            {{.name = "state",
              .value = "STATE",
              .help = "only those",
              .choices = {"pending", "started", "finished", "failed"}},
             kServer},
        .examples = {{"kiln instance-build list --state failed", "those that came to nothing"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb instance_build_finish() {
    return {
        .path = "instance-build finish",
        .summary = "say that a machine's init script ran to its end",
        .text =
            "What a machine does by itself. The script cannot be fetched any more once all of a "
            "build's machines have said so.",
        .arguments = {{"BUILD", "its id"}},
        .options =
            {{.name = "instance", .value = "ID", .help = "which machine (default: the only one)"},
             kChannel,
             kServer},
        .examples =
            {{"kiln instance-build finish 7f4c0b0e-3c3e-4f0e-9d0a-5f1d2c3b4a59",
              "its script is gone"}},
        .needs = Needs::nothing,
        .run = finish,
    };
}

Verb image_activate() {
    return {
        .path = "image activate",
        .summary = "make an image the one that machines of its role are launched from",
        .text = "In place of the former one, at once, on the server. Its tag `role` says its role.",
        .arguments = {{"IMAGE", "id or name"}},
        .options =
            {{.name = "role", .value = "ROLE", .help = "the role (default: the image's tag)"},
             kServer},
        .examples = {{"kiln image activate web@main@42", "new machines of its role have it"}},
        .needs = Needs::nothing,
        .run = activate,
    };
}

}  // namespace kiln::cli::verbs
