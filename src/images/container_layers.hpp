#pragma once

#include "archive/archive.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::images {

/// A whiteout, by a member's name. Source: OCI image specification, layer.md, "Whiteouts".
struct Whiteout {
    enum class Kind {
        none,    ///< an ordinary member
        entry,   ///< `path` of the layers below is not there
        opaque,  ///< nothing of the layers below is in the folder `path`
        marker,  ///< bookkeeping of aufs: hides nothing and is not kept
    };
    Kind kind = Kind::none;
    std::string path;
};

/// Pure. "a/.wh.b" hides "a/b"; "a/.wh..wh..opq" empties "a".
[[nodiscard]] Whiteout whiteout_of(std::string_view member);

/// Applies one layer to the tree: first what it hides or replaces by something of another type
/// goes, then its members are unpacked. Whiteouts hide lower layers only, whatever the order of
/// members.
/// @throws Error  as archive::extract
void apply_layer(
    const std::filesystem::path& layer,
    const std::filesystem::path& root,
    const archive::Limits& limits,
    const std::stop_token& stop,
    const std::function<void(Bytes)>& progress = {}
);

}  // namespace kiln::images
