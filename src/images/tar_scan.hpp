#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::images {

/// What one pass over a tar's headers tells.
struct TarStats {
    std::uint64_t entries = 0;
    Bytes content;               ///< of all files, each rounded up to a block of 4 KiB
    std::set<std::string> tops;  ///< names at the top, without "./": at most 64 are kept
};

/// Passes over a tar in any usual compression without unpacking it.
/// @param progress  gets the packed bytes read so far
/// @throws Error  invalid: no tar, cut short, a bomb (unpacks to more than 1000 times its size, 1
/// TiB
///                or 50 million entries) · cancelled
[[nodiscard]] TarStats scan_tar(
    const std::filesystem::path& path,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress = {}
);

enum class TarKind { root, oci_layout, docker_archive };

/// What the members at the top make of a tar. Pure.
[[nodiscard]] TarKind tar_kind(const TarStats& stats) noexcept;

/// The size of a volume for a root of this content: half as much again, room for every entry's
/// inode, at least 2 GiB, in whole GiB. Pure.
[[nodiscard]] Bytes default_size(Bytes content, std::uint64_t entries) noexcept;

[[nodiscard]] Bytes whole_gib(Bytes size) noexcept;

/// One member of a layer: its name as archive::extract takes it, and whether it is a folder.
struct Member {
    std::string path;  ///< "etc/hosts"
    bool folder = false;
};

/// Hands over the members of a tar in their order.
void list_members(
    const std::filesystem::path& path,
    const std::function<void(const Member&)>& each,
    const std::stop_token& stop
);

}  // namespace kiln::images
