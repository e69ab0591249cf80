#pragma once

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "ports/cloud.hpp"
#include "ports/instance_build_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Images that have a role (their tag `role`), and which of them is the role's active one.
namespace kiln::instances {

/// An image as the API lists it.
struct RoleImage {
    std::string id;
    std::string role;
    std::string name;
    std::string state;
    bool active = false;
    TimePoint created;

    bool operator==(const RoleImage&) const = default;
};

/// {"image_id", "ami", "role", "active", "name", "state"}
[[nodiscard]] json::object to_json(const RoleImage& image);

/// The active image's id of each role.
using ActiveImages = std::map<std::string, std::string>;

/// By role, newest first. Pure.
[[nodiscard]] std::vector<RoleImage> role_images(
    const std::vector<ports::Image>& images, const ActiveImages& active
);

/// Which image a build is launched from: the one of this id, whatever its role; else the role's
/// active one; else the role's newest available one, by creation time. Pure.
/// @param images  all of the cloud
/// @throws Error  not_found: no image of that id, the active one is gone, or the role has none ·
///                conflict: it is not available
[[nodiscard]] std::string resolve_image(
    const std::string& id,
    const std::string& role,
    const std::vector<ports::Image>& images,
    const ActiveImages& active
);

struct ImageQuery {
    std::optional<std::string> role;
    std::optional<bool> active;
};

/// Asks the cloud and the store, and keeps the last good view for when the cloud does not answer.
/// Safe from several threads.
class ImageCatalog {
  public:
    /// Both outlive this.
    ImageCatalog(ports::Images& images, ports::InstanceBuildStore& store)
        : images_{images}, store_{store} {}

    struct Listing {
        std::vector<RoleImage> images;
        bool stale = false;
    };

    /// From the view that sync() keeps; marks are always the store's.
    [[nodiscard]] Listing list(const ImageQuery& query);
    /// Looks at the cloud; a failure that may pass keeps the old view and marks it stale.
    void sync();
    /// Makes it the active one of its role; the former one is not from the same moment on.
    /// @throws Error  not_found · invalid: it has no role · conflict: it is not available
    RoleImage activate(const std::string& id, const std::optional<std::string>& role);
    /// resolve_image() on what the cloud says now.
    [[nodiscard]] std::string resolve(const std::string& id, const std::string& role);

  private:
    struct View {
        std::vector<ports::Image> images;
        bool stale = true;
    };

    ports::Images& images_;
    ports::InstanceBuildStore& store_;
    Guarded<View> view_;
};

}  // namespace kiln::instances
