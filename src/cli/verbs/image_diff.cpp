#include "cli/image_work.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "images/compare.hpp"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

constexpr std::size_t kMostFiles = 200;

/// With one image, its parent comes first.
std::pair<ImageId, ImageId> sides(Context& context) {
    auto cloud = context.services.cloud();
    const auto first = find_image(cloud.images, *context.arguments.one("IMAGE"));
    if (const auto other = context.arguments.one("OTHER")) {
        return {first.id, find_image(cloud.images, *other).id};
    }
    if (!first.parent) {
        throw Error{
            ErrorKind::invalid, fmt::format("{} has no parent to compare it with", first.name)}
            .hint("name another image: kiln image diff IMAGE OTHER");
    }
    return {find_image(cloud.images, first.parent->str()).id, first.id};
}

int run(Context& context) {
    const auto& arguments = context.arguments;
    images::DiffOptions options;
    options.files = !arguments.has("packages-only");
    options.packages = !arguments.has("files-only");
    if (!options.files && !options.packages) {
        throw Error{
            ErrorKind::invalid, "--packages-only and --files-only leave nothing to compare"};
    }
    options.tree.ignore = arguments.all("ignore");
    options.tree.times = arguments.has("times");
    const auto [first, second] = sides(context);
    ImageWork work{context};
    const auto diff = images::diff_images(work.task(), first, second, options);
    work.finish();
    if (context.json) {
        context.output.document(images::to_json(diff));
    } else {
        const auto most =
            arguments.has("all") ? std::numeric_limits<std::size_t>::max() : kMostFiles;
        context.output.print(images::render(diff, most));
    }
    return 0;
}

}  // namespace

Verb image_diff() {
    return {
        .path = "image diff",
        .summary = "show which packages and files differ between two images",
        .text =
            "From the first to the second: + added, - removed, ~ changed. With one image, against "
            "its parent. "
            "Both are mounted for reading on volumes of their own.",
        .arguments =
            {{"IMAGE", "id or name"},
             {"OTHER",
              "id or name; default: IMAGE is compared with its parent",
              Argument::Count::optional}},
        .options =
            {{.name = "packages-only", .help = "packages, not files"},
             {.name = "files-only", .help = "files, not packages"},
             {.name = "ignore",
              .value = "PATTERN",
              .help = "leave out such paths; ** crosses slashes",
              .repeatable = true},
             {.name = "times", .help = "report other modification times as well"},
             {.name = "all", .help = "list every file (default: the first 200)"}},
        .examples =
            {{"kiln image diff web@main@42", "what the bake changed"},
             {"kiln image diff web@main@41 web@main@42 --packages-only", "between two versions"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
