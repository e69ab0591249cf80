#pragma once

#include "base/bytes.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace kiln::local {

/// What a qcow2 file says of itself.
struct Qcow2Header {
    Bytes virtual_size;
    std::string backing;  ///< the backing file's name as it stands in the header, "" for none
    unsigned cluster_bits = 0;
    bool extended_l2 = false;
    bool dirty = false;    ///< the reference counts may be wrong (its writer crashed)
    bool corrupt = false;  ///< qemu marked it
};

/// Cluster size of every layer: 128 KiB in 32 sub-clusters of 4 KiB, so that a file system's 4 KiB
/// write copies nothing from the backing file. Measured: README.md.
inline constexpr unsigned kClusterBits = 17;

/// The largest virtual disk: 64 TiB, EC2's limit of a volume.
inline constexpr Bytes kLargestDisk{std::uint64_t{64} << 40};

/// Writes an empty qcow2 image (version 3, extended L2 entries) into an empty file: header,
/// reference counts, an L1 table and empty L2 tables, which are holes. Reads as `backing`, or as
/// zeros. 0.03 ms, against 4 ms by blockdev-create. Not synced.
/// @param virtual_size  a multiple of 512, at most kLargestDisk
/// @param backing  a qcow2 file, relative to this one's folder; "" for none; at most 1023 bytes
/// Source: QEMU docs/interop/qcow2.txt
void write_empty_qcow2(const os::Fd& file, Bytes virtual_size, const std::string& backing);

/// @throws Error  corrupt: not a qcow2 file of version 2 or 3 · not_found
[[nodiscard]] Qcow2Header read_qcow2_header(const std::filesystem::path& path);

}  // namespace kiln::local
