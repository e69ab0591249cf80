#include "cli/references.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    auto& bakes = context.services.bakes();
    const auto id = find_bake(bakes, *context.arguments.one("BAKE")).id;
    context.services.baker().cancel(id, context.stop);
    const auto record = bakes.get(id);
    if (context.json) {
        context.output.document(to_json(record));
    } else if (!context.quiet) {
        context.output.remark(
            "bake " + id.str() + " is over: " + std::string{ports::to_string(record.state)} + "\n"
        );
    }
    return 0;
}

}  // namespace

Verb bake_cancel() {
    return {
        .path = "bake cancel",
        .summary = "stop a bake and undo what it made",
        .text =
            "Returns when the bake has ended and its volume is gone. One that waits in a queue "
            "ends at "
            "once. One that is over is a conflict (5).",
        .arguments = {{"BAKE", "id of a bake, or the name of its image"}},
        .examples = {{"kiln bake cancel web@main@42", "stop the newest bake of that name"}},
        .needs = Needs::changes,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
