#pragma once

#include "images/format.hpp"
#include "images/task.hpp"
#include "ports/cloud.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln::images {

struct ImportRequest {
    std::filesystem::path source;  ///< a file, a block device, or a folder with an OCI layout
    std::string name;
    std::string description;                  ///< "": made of what the image says of itself
    std::optional<std::string> architecture;  ///< none: found in the image
    std::optional<Bytes> size;          ///< of the volume, whole GiB; none: what the content needs
    std::optional<std::string> sha256;  ///< 64 hex digits that the source file must have
    std::string reference;              ///< which of several images of a layout or archive
    ports::Tags tags;
    std::vector<std::string> share_with;
};

/// Makes an image of a file: a root tar in any usual compression, an OCI layout or docker archive
/// (as a tar or a folder), a raw disk, a qcow2, vmdk, vhdx or vdi. What it is is told by its bytes.
///
/// Everything that can be refused is refused before a volume is made; an image is registered only
/// after its root was found and mounted. On failure the ledger holds what is to be undone.
/// @throws Error  invalid: not such a file, unsafe, no root in it, too small a size, wrong
/// checksum,
///                bad name or tag · conflict: the name is taken · not_found: no such file
///                denied: not root · exhausted: no room · cancelled · timed_out
[[nodiscard]] ports::Image import_image(const Task& task, const ImportRequest& request);

/// What is wrong with a request, as far as it can be told without looking at anything. Pure.
[[nodiscard]] std::vector<Problem> problems_of(const ImportRequest& request);

}  // namespace kiln::images
