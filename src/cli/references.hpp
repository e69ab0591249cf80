#pragma once

#include "ports/bake_store.hpp"
#include "ports/cloud.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::cli {

/// The image with that id or exact name.
/// @throws Error  not_found: with the nearest name
[[nodiscard]] ports::Image find_image(ports::Images& images, const std::string& reference);

/// The bake with that id, or the newest one that made or was to make an image of that name.
/// @throws Error  not_found
[[nodiscard]] ports::BakeRecord find_bake(ports::BakeStore& bakes, const std::string& reference);

/// @throws Error  invalid: not such an id · not_found
[[nodiscard]] ports::Volume find_volume(ports::Volumes& volumes, const std::string& id);
[[nodiscard]] ports::Snapshot find_snapshot(ports::Snapshots& snapshots, const std::string& id);

/// The name as a pattern that it alone matches.
[[nodiscard]] std::string literal_pattern(std::string_view name);

/// KEY=VALUE each. @throws Error  invalid: every one that is not; EC2's rules for tags
[[nodiscard]] ports::Tags tags_from(const std::vector<std::string>& pairs);

/// "team=web, tier=front".
[[nodiscard]] std::string tags_text(const ports::Tags& tags);

/// A block of `name: value` lines, aligned.
[[nodiscard]] std::string facts_text(const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace kiln::cli
