#include "cli/bake_runner.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    const auto record = find_bake(context.services.bakes(), *context.arguments.one("BAKE"));
    const std::vector<BakeTask> tasks{
        {record.name, [&](const bake::EventSink& sink, const std::stop_token& stop) {
             return context.services.baker().retry(record.id, sink, stop);
         }}};
    const auto outcomes = run_bakes(context, tasks, 1);
    context.services.maintain_if_due(images_of(outcomes));
    return print_outcomes(context, outcomes);
}

}  // namespace

Verb bake_retry() {
    return {
        .path = "bake retry",
        .summary = "run a bake again, from the command that failed",
        .text =
            "The recorded request is baked again. Commands that succeeded are taken from their "
            "checkpoints, as far as neither they nor the bootstrap's files have changed.",
        .arguments = {{"BAKE", "id of a bake that is over, or the name of its image"}},
        .examples = {{"kiln bake retry bake-0123456789abcdef0", "go on where it failed"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
