#include "instances/images.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

std::string role_of(const ports::Image& image) {
    const auto found = image.tags.find("role");
    return found == image.tags.end() ? "" : found->second;
}

bool newer(const ports::Image* a, const ports::Image* b) {
    return a->created != b->created ? a->created > b->created : a->id > b->id;
}

const ports::Image* find(const std::vector<ports::Image>& images, const std::string& id) {
    const auto found = std::find_if(images.begin(), images.end(), [&](const auto& image) {
        return image.id.str() == id;
    });
    return found == images.end() ? nullptr : &*found;
}

void want_available(const ports::Image& image) {
    if (image.state != ports::ImageState::available) {
        throw Error{
            ErrorKind::conflict,
            fmt::format("image {} is {}", image.id.str(), ports::to_string(image.state))};
    }
}

const ports::Image* newest(const std::vector<ports::Image>& images, const std::string& role) {
    const ports::Image* best = nullptr;
    for (const auto& image : images) {
        if (role_of(image) == role && image.state == ports::ImageState::available &&
            (best == nullptr || newer(&image, best))) {
            best = &image;
        }
    }
    return best;
}

ports::ImageFilter with_id(const std::string& id) {
    ports::ImageFilter filter;
    filter.ids = {ImageId::trusted(id)};
    return filter;
}

}  // namespace

json::object to_json(const RoleImage& image) {
    return {
        {"image_id", image.id},
        {"ami", image.id},
        {"role", image.role},
        {"active", image.active},
        {"name", image.name},
        {"state", image.state},
    };
}

std::vector<RoleImage> role_images(
    const std::vector<ports::Image>& images, const ActiveImages& active
) {
    std::vector<const ports::Image*> sorted;
    for (const auto& image : images) {
        if (!role_of(image).empty()) {
            sorted.push_back(&image);
        }
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
        const auto left = role_of(*a), right = role_of(*b);
        return left != right ? left < right : newer(a, b);
    });
    std::vector<RoleImage> all;
    for (const auto* image : sorted) {
        const auto role = role_of(*image);
        const auto mark = active.find(role);
        all.push_back(
            {.id = image->id.str(),
             .role = role,
             .name = image->name,
             .state = std::string{ports::to_string(image->state)},
             .active = mark != active.end() && mark->second == image->id.str(),
             .created = image->created}
        );
    }
    return all;
}

std::string resolve_image(
    const std::string& id,
    const std::string& role,
    const std::vector<ports::Image>& images,
    const ActiveImages& active
) {
    const auto existing = [&](const std::string& wanted, std::string_view what) {
        const auto* image = find(images, wanted);
        if (image == nullptr) {
            throw Error{ErrorKind::not_found, fmt::format("{} {} does not exist", what, wanted)};
        }
        want_available(*image);
        return wanted;
    };
    if (!id.empty()) {
        return existing(id, "image");
    }
    if (const auto mark = active.find(role); mark != active.end()) {
        return existing(mark->second, fmt::format("the active image of role '{}',", role));
    }
    if (const auto* image = newest(images, role)) {
        return image->id.str();
    }
    throw Error{ErrorKind::not_found, fmt::format("no image of role '{}' is available", role)}.hint(
        fmt::format("tag one: role={}", role)
    );
}

ImageCatalog::Listing ImageCatalog::list(const ImageQuery& query) {
    const auto active = store_.active_images();
    Listing listing;
    {
        auto view = view_.lock();
        listing.images = role_images(view->images, active);
        listing.stale = view->stale;
    }
    std::erase_if(listing.images, [&](const auto& image) {
        return (query.role && *query.role != image.role) ||
               (query.active && *query.active != image.active);
    });
    return listing;
}

void ImageCatalog::sync() {
    ports::ImageFilter with_role;
    with_role.tag_keys = {"role"};
    try {
        auto images = images_.describe(with_role);
        auto view = view_.lock();
        *view = {.images = std::move(images), .stale = false};
    } catch (const Error& error) {
        if (!retryable(error.kind())) {
            throw;
        }
        view_.lock()->stale = true;
    }
}

RoleImage ImageCatalog::activate(const std::string& id, const std::optional<std::string>& role) {
    const auto images = images_.describe(with_id(id));
    const auto* image = find(images, id);
    if (image == nullptr) {
        throw Error{ErrorKind::not_found, fmt::format("image {} does not exist", id)};
    }
    const auto own = role_of(*image);
    if (own.empty()) {
        throw Error{ErrorKind::invalid, fmt::format("image {} has no role", id)}.hint(
            "give it the tag role=NAME"
        );
    }
    if (role && *role != own) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("image {} has the role '{}', not '{}'", id, own, *role)};
    }
    want_available(*image);
    store_.activate_image(own, id);
    sync();
    return role_images({*image}, {{own, id}}).front();
}

std::string ImageCatalog::resolve(const std::string& id, const std::string& role) {
    ports::ImageFilter of_role;
    of_role.tags["role"] = {role};
    const auto images = images_.describe(id.empty() ? of_role : with_id(id));
    return resolve_image(id, role, images, store_.active_images());
}

}  // namespace kiln::instances
