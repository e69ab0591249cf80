#pragma once

#include "images/format.hpp"
#include "images/import.hpp"
#include "images/scratch_volume.hpp"
#include "os/guest_root.hpp"

#include <filesystem>
#include <string>

namespace kiln::images {

struct ImportedTree {
    ScratchVolume volume;
    std::string architecture;  ///< what a container image says of itself, ""
};

/// A volume with an ext4 file system that holds a root tar, or the layers of a container image.
/// @param format  tar or oci_folder
[[nodiscard]] ImportedTree import_tree(
    const Task& task,
    const std::filesystem::path& source,
    Format format,
    const ImportRequest& request
);

/// @throws Error  invalid: neither /etc, /usr nor /bin at the top; what is there is named
void refuse_unless_root(const os::GuestRoot& guest);

}  // namespace kiln::images
