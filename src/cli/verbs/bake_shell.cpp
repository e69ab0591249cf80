#include "cli/references.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    const auto id = find_bake(context.services.bakes(), *context.arguments.one("BAKE")).id;
    return context.services.baker().shell(id, context.arguments.all("COMMAND"), context.stop);
}

}  // namespace

Verb bake_shell() {
    return {
        .path = "bake shell",
        .summary = "open a shell in the jail where a bake failed",
        .text =
            "The shell stands on a throw-away volume, in the state before the command that failed, "
            "or at "
            "the end of a bake that succeeded. What is changed in it is gone when it ends. The "
            "exit code is "
            "the shell's.",
        .arguments =
            {{"BAKE", "id of a bake that is over, or the name of its image"},
             {"COMMAND", "run this instead of a shell; write -- before it", Argument::Count::any}},
        .examples =
            {{"kiln bake shell bake-0123456789abcdef0", "look around"},
             {"kiln bake shell web -- dpkg -l nginx", "ask one thing"}},
        .needs = Needs::mounts,
        .run = run,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
