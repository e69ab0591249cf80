#pragma once

#include "bake/bake_run.hpp"

namespace kiln::bake {

/// What can be refused before anything is made: the parent must be one image, the name must be
/// free, the bootstrap must be there, time must be left.
/// @param folder  of this job; a downloaded or unpacked bootstrap goes below it
/// @throws Error  not_found, invalid: the parent · conflict: the name · what fetch_bootstrap throws
[[nodiscard]] Resolved resolve(
    World& world,
    const Request& request,
    const std::filesystem::path& folder,
    const std::stop_token& stop,
    Deadline deadline
);

/// The image that a bake of this key made before and that still is, or nothing.
/// @param own  this bake: what an earlier attempt of it made is no reason to bake again
/// @throws Error  conflict: the request's name belongs to an image that was made otherwise
[[nodiscard]] std::optional<ports::Image> already_made(
    World& world, const Request& request, const Resolved& resolved, const BakeId& own
);

}  // namespace kiln::bake
