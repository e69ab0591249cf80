#pragma once

#include "os/fd.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sys/stat.h>

/// Looking at one entry of a tree without following it: what diff_trees and its like stand on.
namespace kiln::inspect {

/// An open folder of a tree and where it is, for messages.
struct Folder {
    os::Fd fd;
    std::string path;  ///< within the tree, "" for its top: "/etc"
    dev_t device = 0;  ///< of the tree's top

    /// @throws Error  by errno: not a folder
    static Folder top(const std::string& path);
    [[nodiscard]] Folder enter(const std::string& name) const;

    [[nodiscard]] std::string path_of(const std::string& name) const { return path + "/" + name; }

    [[nodiscard]] std::vector<std::string> names() const;  ///< sorted by bytes
    [[nodiscard]] struct ::stat status(const std::string& name) const;
    [[nodiscard]] std::string link_target(const std::string& name) const;
    /// Of the entry itself, not of what it links to. "user." and "security." and "trusted." and
    /// "system." ones, whatever the file system lists.
    [[nodiscard]] std::map<std::string, std::string> attributes(const std::string& name) const;
    /// A regular file, for reading. @throws Error conflict: it became something else meanwhile
    [[nodiscard]] os::Fd open(const std::string& name) const;
};

}  // namespace kiln::inspect
