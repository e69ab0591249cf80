#include "cli/references.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    if (context.json) {
        context.output.document(ports::to_json(image));
        return 0;
    }
    context.output.print(facts_text(
        {{"id", image.id.str()},
         {"name", image.name},
         {"description", image.description},
         {"state", std::string{ports::to_string(image.state)}},
         {"architecture", image.architecture},
         {"owner", image.owner},
         {"size", humanize(image.size)},
         {"snapshot", image.root_snapshot.str()},
         {"created", format_time(image.created)},
         {"parent", image.parent ? image.parent->str() : ""},
         {"bake", image.bake ? image.bake->str() : ""},
         {"bake key", image.bake_key},
         {"tags", tags_text(image.tags)},
         {"shared with", fmt::format("{}", fmt::join(image.shared_with, ", "))}}
    ));
    return 0;
}

}  // namespace

Verb image_show() {
    return {
        .path = "image show",
        .summary = "show all that is known of an image",
        .text = "",
        .arguments = {{"IMAGE", "id or name"}},
        .examples = {{"kiln image show web@main@42", "by name"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
