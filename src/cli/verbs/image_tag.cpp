#include "cli/references.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

/// Images by id or name; volumes and snapshots by id.
std::string resource(Context& context) {
    const auto reference = *context.arguments.one("RESOURCE");
    auto cloud = context.services.cloud();
    if (is_id(id_kind::Volume::prefix, reference)) {
        return find_volume(cloud.volumes, reference).id.str();
    }
    if (is_id(id_kind::Snapshot::prefix, reference)) {
        return find_snapshot(cloud.snapshots, reference).id.str();
    }
    return find_image(cloud.images, reference).id.str();
}

int answer(Context& context, const std::string& id) {
    if (context.json) {
        context.output.document({{"resource", id}});
    }
    return 0;
}

int set(Context& context) {
    const auto tags = tags_from(context.arguments.all("TAG"));
    const auto id = resource(context);
    context.services.cloud().tags.set(id, tags);
    return answer(context, id);
}

int unset(Context& context) {
    const auto id = resource(context);
    context.services.cloud().tags.unset(id, context.arguments.all("KEY"));
    return answer(context, id);
}

}  // namespace

Verb image_tag() {
    return {
        .path = "image tag",
        .summary = "set tags of an image, volume or snapshot",
        .text =
            "A tag that is there gets the new value. An image tagged `keep` is never removed by "
            "kiln gc.",
        .arguments =
            {{"RESOURCE", "id or name of an image, or id of a volume or snapshot"},
             {"TAG", "KEY=VALUE", Argument::Count::some}},
        .examples = {{"kiln image tag web@main@42 team=web keep=yes", "two tags"}},
        .needs = Needs::changes,
        .run = set,
    };
}

Verb image_untag() {
    return {
        .path = "image untag",
        .summary = "remove tags of an image, volume or snapshot",
        .text = "A tag that is not there is no error.",
        .arguments =
            {{"RESOURCE", "id or name of an image, or id of a volume or snapshot"},
             {"KEY", "key of a tag", Argument::Count::some}},
        .examples = {{"kiln image untag web@main@42 keep", "kiln gc may have it"}},
        .needs = Needs::changes,
        .run = unset,
    };
}

}  // namespace kiln::cli::verbs
