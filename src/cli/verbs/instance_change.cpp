#include "cli/instance_wait.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::minutes kDeadline{3};

std::vector<InstanceId> named(Context& context) {
    std::vector<InstanceId> ids;
    for (const auto& reference : context.arguments.all("INSTANCE")) {
        ids.push_back(find_instance(context.services.machines().instances, reference).id);
    }
    return ids;
}

/// Waits, unless --no-wait, and answers.
int finish(Context& context, const std::vector<InstanceId>& ids) {
    ports::InstanceFilter filter;
    filter.ids = ids;
    const auto all = context.arguments.has("no-wait")
                         ? context.services.machines().instances.describe(filter)
                         : wait_settled(context, ids, Deadline::after(kDeadline));
    if (context.json) {
        print_instances(context, all);
    }
    return 0;
}

int terminate(Context& context) {
    const auto ids = named(context);
    context.services.machines().instances.terminate(ids, Deadline::after(kDeadline));
    return finish(context, ids);
}

int change(Context& context, ports::Change what) {
    const auto ids = named(context);
    const bool forced = what == ports::Change::stop && context.arguments.has("force");
    for (const auto& id : ids) {
        context.services.machines().instances.change(
            id, what, forced ? ports::Force::yes : ports::Force::no, Deadline::after(kDeadline)
        );
    }
    return finish(context, ids);
}

const Argument kWhich{"INSTANCE", "id, or the tag Name of one", Argument::Count::some};
const Option kNoWait{.name = "no-wait", .help = "return when it has begun"};

}  // namespace

Verb instance_terminate() {
    return {
        .path = "instance terminate",
        .summary = "end instances, and all that they have",
        .text = "Asked in kindness first, killed after 20 s. Its record stays for an hour.",
        .arguments = {kWhich},
        .options = {kNoWait},
        .examples = {{"kiln instance terminate web-1", "it goes, with its volume"}},
        .needs = Needs::changes,
        .run = terminate,
    };
}

Verb instance_stop() {
    return {
        .path = "instance stop",
        .summary = "stop instances; their volumes stay",
        .text = "Asked in kindness first, killed after 20 s.",
        .arguments = {kWhich},
        .options = {kNoWait, {.name = "force", .help = "kill it at once"}},
        .examples = {{"kiln instance stop web-1", "its volume stays"}},
        .needs = Needs::changes,
        .run = [](Context& context) { return change(context, ports::Change::stop); },
    };
}

Verb instance_start() {
    return {
        .path = "instance start",
        .summary = "start instances that are stopped",
        .text = "",
        .arguments = {kWhich},
        .options = {kNoWait},
        .examples = {{"kiln instance start web-1", "the same machine again"}},
        .needs = Needs::changes,
        .run = [](Context& context) { return change(context, ports::Change::start); },
    };
}

Verb instance_reboot() {
    return {
        .path = "instance reboot",
        .summary = "end what runs in instances and start it again",
        .text = "",
        .arguments = {kWhich},
        .options = {kNoWait},
        .examples = {{"kiln instance reboot web-1", "a new start over the same volume"}},
        .needs = Needs::changes,
        .run = [](Context& context) { return change(context, ports::Change::reboot); },
    };
}

}  // namespace kiln::cli::verbs
