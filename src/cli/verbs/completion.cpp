#include "cli/help.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    context.output.print(bash_completion(context.grammar));
    return 0;
}

}  // namespace

Verb completion() {
    return {
        .path = "completion",
        .summary = "print a completion script",
        .text = "",
        .arguments = {{"SHELL", "bash"}},
        .examples =
            {{"source <(kiln completion bash)", "in this shell"},
             {"kiln completion bash > /etc/bash_completion.d/kiln", "for all users"}},
        .needs = Needs::nothing,
        .run = run,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
