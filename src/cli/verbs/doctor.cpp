#include "cli/doctor.hpp"

#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <algorithm>

namespace kiln::cli::verbs {

namespace {

std::string mark(Check::State state, const Terminal& terminal) {
    switch (state) {
        case Check::State::ok:
            return toned("ok  ", Tone::good, terminal);
        case Check::State::warn:
            return toned("warn", Tone::strong, terminal);
        case Check::State::fail:
            return toned("FAIL", Tone::bad, terminal);
    }
    return "";
}

int run(Context& context) {
    const auto deep = context.arguments.has("deep") ? DeepCheck::yes : DeepCheck::no;
    const auto checks = judge(context.services.host_facts(deep, context.stop));
    const bool failed = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.state == Check::State::fail;
    });
    if (context.json) {
        context.output.document(to_json(checks));
        return failed ? 1 : 0;
    }
    const auto& terminal = context.output.out_terminal();
    std::size_t width = 0;
    for (const auto& check : checks) {
        width = std::max(width, check.name.size());
    }
    for (const auto& check : checks) {
        if (context.quiet && check.state == Check::State::ok) {
            continue;
        }
        context.output.line(
            mark(check.state, terminal) + "  " + check.name +
            std::string(width - check.name.size() + 2, ' ') + check.found
        );
        if (!check.fix.empty()) {
            context.output.line(std::string(width + 8, ' ') + "fix: " + check.fix);
        }
    }
    return failed ? 1 : 0;
}

}  // namespace

Verb doctor() {
    return {
        .path = "doctor",
        .summary = "check what this host offers, and say how to fix what is missing",
        .text =
            "Really tries things: a program in a jail, a network for an instance, a guest under "
            "KVM. Exit code 0 when bakes can work, 1 when something that they need is missing; "
            "what only instances need is a warning. With --quiet only what is not in order.",
        .options = {{.name = "deep", .help = "also read every layer file (qemu-img check)"}},
        .examples =
            {{"sudo kiln doctor", "the first thing to do on a new host"},
             {"kiln doctor --json | jq '.checks[] | select(.state != \"ok\")'", "for a program"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
