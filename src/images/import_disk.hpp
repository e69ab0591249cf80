#pragma once

#include "images/format.hpp"
#include "images/scratch_volume.hpp"
#include "images/task.hpp"

#include <filesystem>
#include <optional>

namespace kiln::images {

/// A volume with the content of a disk image. Its size is the image's in whole GiB, or `size`.
/// @throws Error  invalid: `size` is less than the image's; the image is damaged or unsafe
[[nodiscard]] ScratchVolume import_disk(
    const Task& task,
    const std::filesystem::path& source,
    Format format,
    const std::optional<Bytes>& size
);

/// Copies a file onto a device that reads as zeros: holes are skipped (SEEK_DATA), and so are
/// blocks of zeros. @throws Error  by errno · cancelled · timed_out
void copy_sparse(
    const Task& task,
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    std::string_view phase
);

}  // namespace kiln::images
