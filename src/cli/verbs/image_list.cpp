#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

ports::ImageFilter filter_from(const Arguments& arguments) {
    ports::ImageFilter filter;
    filter.names = arguments.all("name");
    filter.owners = arguments.all("owner");
    filter.architectures = arguments.all("architecture");
    for (const auto& tag : arguments.all("tag")) {
        const auto equals = tag.find('=');
        if (equals == std::string::npos) {
            filter.tag_keys.push_back(tag);
        } else {
            filter.tags[tag.substr(0, equals)].push_back(tag.substr(equals + 1));
        }
    }
    return filter;
}

int run(Context& context) {
    const auto images = context.services.cloud().images.describe(filter_from(context.arguments));
    if (context.json) {
        json::array all;
        all.reserve(images.size());
        for (const auto& image : images) {
            all.push_back(ports::to_json(image));
        }
        context.output.document(all);
        return 0;
    }
    if (context.quiet) {
        for (const auto& image : images) {
            context.output.line(image.id.str());
        }
        return 0;
    }
    Table table{
        {{"ID"},
         {"NAME", false, true},
         {"ARCH"},
         {"SIZE", true},
         {"CREATED"},
         {"TAGS", false, true}}};
    for (const auto& image : images) {
        table.add(
            {image.id.str(),
             image.name,
             image.architecture,
             humanize(image.size),
             format_time(image.created).substr(0, 19) + "Z",
             tags_text(image.tags)}
        );
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

}  // namespace

Verb image_list() {
    return {
        .path = "image list",
        .summary = "list images, newest first",
        .text =
            "An image must pass every kind of filter given; several of one kind are alternatives. "
            "With "
            "--quiet, ids only.",
        .options =
            {{.name = "name",
              .value = "PATTERN",
              .help = "name, with wildcards * and ?",
              .repeatable = true},
             {.name = "tag", .value = "KEY[=VALUE]", .help = "has the tag", .repeatable = true},
             {.name = "owner",
              .value = "ACCOUNT",
              .help = "owner's account number",
              .repeatable = true},
             {.name = "architecture",
              .value = "ARCH",
              .help = "x86_64 or arm64",
              .repeatable = true,
              .choices = {"x86_64", "arm64"}}},
        .examples =
            {{"kiln image list", "all"},
             {"kiln image list --name 'web@*' --tag team=web --json", "some, for a program"}},
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
