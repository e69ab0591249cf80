#pragma once

#include "base/bytes.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace kiln::archive {

struct Limits {
    Bytes bytes;  ///< of all regular files together, unpacked
    std::uint64_t entries;
    std::uint64_t ratio = 1000;  ///< unpacked : packed, judged once 64 MiB are unpacked
};

enum class Ownership {
    keep,  ///< a root tar: numeric owners, modes, devices, xattrs, capabilities
    ours,  ///< a bootstrap: root's, no devices, no set-id bits
};

struct Extracted {
    std::uint64_t entries = 0;
    Bytes bytes;
};

/// Unpacks a tar in any usual compression (none, gzip, bzip2, xz, zstd) into `folder`.
///
/// A member that would leave the folder is refused: an absolute path, `..`, a path through a link
/// that the archive made, a hard link to a target outside. Symbolic links may point anywhere (a
/// root tar has absolute ones) but nothing is ever written through them.
/// @param progress  called now and then with the packed bytes read so far
/// @throws Error  invalid: not an archive, cut short, a member that escapes (named), a bomb
///                cancelled · exhausted: no space
Extracted extract(
    const std::filesystem::path& archive,
    const std::filesystem::path& folder,
    Ownership ownership,
    const Limits& limits,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress = {}
);

/// Packs a root file system into an uncompressed pax tar, numeric owners, xattrs, hard links kept,
/// names sorted: the same tree gives the same bytes. Never crosses into another file system.
/// @param write  gets the bytes in order
void pack(
    const std::filesystem::path& root,
    const std::function<void(std::string_view)>& write,
    const std::stop_token& stop
);

}  // namespace kiln::archive
