#pragma once

#include "disk/root_disk.hpp"
#include "ports/cloud.hpp"

#include <memory>
#include <optional>

namespace kiln::bake {

/// A volume that stood ready for a bake, with what was done for it already. Members are in the
/// order in which they come to be.
struct ReadyVolume {
    ports::Volume volume;
    std::unique_ptr<ports::AttachedVolume> attached;  ///< null: still to be attached
    std::optional<disk::MountedRoot> root;            ///< none: still to be mounted, and grown
};

}  // namespace kiln::bake
