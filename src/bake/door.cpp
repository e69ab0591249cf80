#include "bake/door.hpp"

#include "bake/bootstrap_source.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

std::vector<std::vector<ports::Image>> hits_of(World& world, const Parent& parent) {
    std::vector<ports::ImageFilter> filters = parent.queries;
    if (parent.id) {
        filters = {{.ids = {*parent.id}}};
    } else if (parent.name) {
        filters = {{.names = {}}};  // all, so that a near miss can be suggested
    }
    std::vector<std::vector<ports::Image>> hits;
    for (const auto& filter : filters) {
        hits.push_back(world.cloud.images.describe(filter));
        if (!hits.back().empty()) {
            break;
        }
    }
    return hits;
}

}  // namespace

Resolved resolve(
    World& world,
    const Request& request,
    const std::filesystem::path& folder,
    const std::stop_token& stop,
    Deadline deadline
) {
    Resolved resolved;
    resolved.parent = choose_parent(request.parent, hits_of(world, request.parent));
    if (resolved.parent.state != ports::ImageState::available) {
        throw Error{
            ErrorKind::conflict,
            fmt::format(
                "parent {} is {}, not available",
                resolved.parent.id.str(),
                ports::to_string(resolved.parent.state)
            )};
    }
    if (request.size && *request.size < resolved.parent.size) {
        throw Error{
            "bad request",
            {{"volume.size_gib",
              fmt::format(
                  "must be at least the parent's size, {}", humanize(resolved.parent.size)
              )}}};
    }
    auto bootstrap = fetch_bootstrap(request.source, folder, stop, deadline);
    resolved.bootstrap = std::move(bootstrap.folder);
    resolved.content = std::move(bootstrap.content_hash);
    resolved.key = bake_key(request, resolved.parent.id, resolved.content);
    if (request.checkpoints) {
        resolved.checkpoint_keys = checkpoint_keys(request, resolved.parent.id, resolved.content);
    }
    return resolved;
}

std::optional<ports::Image> already_made(
    World& world, const Request& request, const Resolved& resolved, const BakeId& own
) {
    ports::ImageFilter by_name;
    by_name.names = {request.name};
    for (auto& image : world.cloud.images.describe(by_name)) {
        if (image.name != request.name) {
            continue;  // the name has a wildcard's characters in it
        }
        if (image.bake_key == resolved.key && (!request.rebake || image.bake == own)) {
            return std::move(image);
        }
        throw Error{
            ErrorKind::conflict,
            fmt::format("an image named '{}' exists already: {}", request.name, image.id.str())}
            .hint(fmt::format(
                "choose another name, or `kiln image rename {0} …`, or `kiln image rm {0}`",
                image.id.str()
            ));
    }
    return std::nullopt;
}

}  // namespace kiln::bake
