#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::inspect {

/// One way in which an entry differs.
enum class Aspect {
    added,         ///< only in the second tree
    removed,       ///< only in the first tree
    type,          ///< a file became a folder, link, …; nothing else of it is compared
    size,          ///< a regular file's; then its content differs too and is not read
    content,       ///< same size, other bytes
    mode,          ///< permission and set-id bits
    owner,         ///< user or group
    link_target,   ///< of a symbolic link
    device,        ///< numbers of a device node
    xattr,         ///< extended attributes, capabilities and ACLs among them
    times,         ///< modification time, only when asked for
    not_compared,  ///< another file system is mounted there, in one tree or both
};

[[nodiscard]] std::string_view to_string(Aspect aspect) noexcept;

struct FileChange {
    std::string path;  ///< absolute within the trees: "/etc/hosts"; bytes as they are on disk
    std::vector<Aspect> aspects;

    bool operator==(const FileChange&) const = default;
};

/// "content, mode".
[[nodiscard]] std::string describe(const FileChange& change);
[[nodiscard]] json::object to_json(const FileChange& change);

struct TreeDiffOptions {
    /// Shell patterns over whole paths; `*` stops at a slash, `**` does not. A folder that matches
    /// is not entered. What they leave out is counted, never forgotten.
    std::vector<std::string> ignore;
    bool times = false;  ///< report other modification times too
    /// Take files of equal inode number, size, mtime and ctime as equal, unread. True of a volume
    /// and the copy-on-write child of it; a writer of raw blocks could fool it.
    bool trust_times = false;
};

struct TreeDiffStats {
    std::uint64_t compared = 0;  ///< entries that stand in both trees
    std::uint64_t ignored = 0;   ///< entries left out by a pattern, an ignored folder counted once
    std::uint64_t trusted = 0;   ///< files not read, thanks to trust_times
    Bytes read;                  ///< of both trees together
};

/// Does a pattern of TreeDiffOptions match the path? Pure.
[[nodiscard]] bool path_matches(std::string_view pattern, std::string_view path) noexcept;

/// Compares two trees in one merged walk, in the order of names, and hands each difference over as
/// it is found. Links are never followed, other file systems never entered, devices never opened.
/// Memory: the names of the folders on the current path, whatever the size of the trees.
/// Hard links are compared as the files they are; inode numbers and link counts are not compared.
/// @throws Error  by errno, naming the path · invalid: folders nested deeper than 400 · cancelled
TreeDiffStats diff_trees(
    const std::filesystem::path& first,
    const std::filesystem::path& second,
    const TreeDiffOptions& options,
    const std::function<void(FileChange)>& sink,
    const std::stop_token& stop
);

/// What two honest bakes of the same inputs may leave different: logs, caches, temporary files, the
/// identities a machine makes for itself. Each pattern's reason stands beside it in the source.
[[nodiscard]] const std::vector<std::string>& unreproducible_paths();

}  // namespace kiln::inspect
