#include "cli/display.hpp"
#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "inspect/tree_diff.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    const bool live = context.output.err_terminal().live;
    Display display{
        context.output,
        context.services.clock(),
        context.quiet ? Style::quiet : (live ? Style::live : Style::plain),
        {image.name}};
    const auto differences = context.services.baker().verify(
        image.id,
        [&](const BakeId& id, const ports::BakeEvent& event) { display.event(0, id, event); },
        context.stop
    );
    display.close();
    if (context.json) {
        json::array list;
        for (const auto& difference : differences) {
            list.push_back(inspect::to_json(difference));
        }
        context.output.document(
            {{"image", image.id.str()},
             {"same", differences.empty()},
             {"differences", std::move(list)}}
        );
    } else if (differences.empty()) {
        context.output.line(fmt::format("{} is reproducible: no file differs", image.name));
    } else {
        Table table{{{"PATH", false, true}, {"DIFFERENCE"}}};
        for (const auto& difference : differences) {
            table.add({difference.path, inspect::describe(difference)});
        }
        context.output.print(table.text(context.output.out_terminal()));
    }
    return differences.empty() ? 0 : exit_code(ErrorKind::internal);
}

}  // namespace

Verb bake_verify() {
    return {
        .path = "bake verify",
        .summary = "bake an image again and list the files that differ",
        .text =
            "Bakes from the recorded inputs without checkpoints and compares the two images file "
            "by file; the "
            "second one is removed again. Exit code 0 when nothing differs, 1 when something does.",
        .arguments = {{"IMAGE", "id or name of an image that kiln baked"}},
        .examples = {{"kiln bake verify web@main@42", "is it reproducible?"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
