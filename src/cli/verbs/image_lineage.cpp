#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "inspect/lineage.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    const auto images = cloud.images.describe({});
    const auto nodes = inspect::lineage_of(images, image.id);
    if (context.json) {
        context.output.document(inspect::to_json(nodes));
    } else {
        context.output.print(inspect::render(nodes));
    }
    return 0;
}

}  // namespace

Verb image_lineage() {
    return {
        .path = "image lineage",
        .summary = "show the ancestors and descendants of an image",
        .text =
            "The image asked for is marked with *. With --json a flat list in the tree's order, "
            "each with "
            "its depth.",
        .arguments = {{"IMAGE", "id or name"}},
        .examples = {{"kiln image lineage debian-12", "everything that was baked from it"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
