#pragma once

#include <filesystem>

namespace kiln::local {

/// Makes the kernel send one background request at a time to the FUSE server behind `export_file`,
/// and reads the limit back. Mounts fusectl where it is missing.
///
/// qemu-storage-daemon 7.2 overwrites its only request buffer when a second WRITE arrives while one
/// is in flight, and a loop device with direct I/O sends several: data would be corrupted silently.
/// @throws Error  unavailable: the limit cannot be set; the export must not be used
/// Source: docs/decisions/0001-qcow2-and-fuse.md; Linux Documentation/filesystems/fuse.rst
void send_one_request_at_a_time(const std::filesystem::path& export_file);

}  // namespace kiln::local
