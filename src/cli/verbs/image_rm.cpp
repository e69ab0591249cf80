#include "cli/references.hpp"
#include "cli/verbs.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::chrono::minutes kDeadline{5};

/// Images are registered on one snapshot each as a rule, but nothing forbids two.
bool registered_on(ports::Images& images, const SnapshotId& snapshot) {
    const auto all = images.describe({});
    return std::any_of(all.begin(), all.end(), [&](const ports::Image& image) {
        return image.root_snapshot == snapshot;
    });
}

int run(Context& context) {
    auto cloud = context.services.cloud();
    std::vector<ports::Image> images;
    for (const auto& reference : context.arguments.all("IMAGE")) {
        images.push_back(find_image(cloud.images, reference));
    }
    json::array removed;
    for (const auto& image : images) {
        cloud.images.deregister(image.id);
        if (!registered_on(cloud.images, image.root_snapshot)) {
            if (!context.arguments.has("keep-snapshot")) {
                cloud.snapshots.remove(image.root_snapshot, Deadline::after(kDeadline));
            }
            (void)cache::forget(context.services.volume_cache(), image.root_snapshot, context.stop);
        }
        removed.push_back(json::value(image.id.str()));
        if (!context.quiet && !context.json) {
            context.output.remark(fmt::format("removed {} ({})\n", image.name, image.id.str()));
        }
    }
    if (context.json) {
        context.output.document({{"removed", std::move(removed)}});
    }
    return 0;
}

}  // namespace

Verb image_rm() {
    return {
        .path = "image rm",
        .summary = "remove images and what only they needed",
        .text =
            "Removes the registration and the image's snapshot. Images, volumes and snapshots that "
            "stand on "
            "it stay whole. All names are looked up before the first image goes.",
        .arguments = {{"IMAGE", "id or name", Argument::Count::some}},
        .options = {{.name = "keep-snapshot", .help = "remove the registration only"}},
        .examples = {{"kiln image rm web@main@40 web@main@41", "two versions"}},
        .needs = Needs::changes,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
