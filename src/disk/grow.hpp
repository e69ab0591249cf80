#pragma once

#include "base/bytes.hpp"
#include "disk/root_disk.hpp"

#include <filesystem>
#include <stop_token>

namespace kiln::disk {

/// The partition's size when it fills the disk, or its present one when there is nothing to gain
/// (less than 2 MiB behind it). Pure.
/// @throws Error  invalid: another partition stands behind it
[[nodiscard]] Bytes size_when_grown(
    const Layout& layout, const RootLocation& root, Bytes disk_size
);

/// Lets the partition end where the disk ends; GPT's backup header is moved there first. A crash in
/// between leaves a good table, of the old or the new size. @returns where the root is now
RootLocation grow_partition(
    const std::filesystem::path& device, const RootLocation& root, const std::stop_token& stop
);

/// Lets a mounted file system fill its device. ext4 may refuse that while it is mounted: the kernel
/// wants CAP_SYS_RESOURCE, which containers lack.
void grow_mounted(
    const std::filesystem::path& device,
    const std::filesystem::path& mounted,
    const std::string& filesystem,
    const std::stop_token& stop
);

/// Lets an ext4 file system that is not mounted fill its device, after the check that resize2fs
/// asks for.
void grow_unmounted_ext4(const std::filesystem::path& device, const std::stop_token& stop);

}  // namespace kiln::disk
