#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include <sys/stat.h>

namespace kiln::archive {

/// One entry of a tree that is walked.
struct WalkEntry {
    const std::string& path;    ///< below the top, "" for the top itself
    int folder;                 ///< descriptor of the folder it stands in; of the top for the top
    const std::string& name;    ///< in that folder; "." for the top
    const struct stat& status;  ///< of the entry itself, links are not followed
};

/// What to do at a folder on which another file system is mounted; it is visited in any case.
enum class Mounts { pass_over, enter };

/// Visits a tree, each folder before what is in it, names in the order of their bytes: the same
/// tree gives the same order. Links are not followed.
/// @throws Error  by errno, naming the entry · cancelled
void walk_tree(
    const std::filesystem::path& top,
    Mounts mounts,
    const std::function<void(const WalkEntry&)>& visit,
    const std::stop_token& stop
);

}  // namespace kiln::archive
