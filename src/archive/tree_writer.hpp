#pragma once

#include "archive/archive.hpp"
#include "archive/entry_metadata.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace kiln::archive {

/// Builds a tree below one folder from entries that a stranger names.
///
/// Every path is resolved by the kernel with openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
/// RESOLVE_NO_XDEV): nothing is written through a link, outside the folder, or on another file
/// system, whatever the entries before have made. Paths are what member_path() returns.
/// An entry that comes again replaces the one before, as tar has it; a folder stays.
/// With Ownership::ours entries are root's, without set-id bits and xattrs, and devices are
/// refused. Every function @throws Error  invalid: a path through a link or file · by errno
/// (exhausted: no space)
class TreeWriter {
  public:
    TreeWriter(os::Fd folder, Ownership ownership);

    /// Mode, times and xattrs are set by finish(), when no more entries come into it.
    void folder(const std::string& path, Metadata metadata);
    /// A new, empty file open for writing; to be closed by seal().
    [[nodiscard]] os::Fd begin_file(const std::string& path);
    void seal(os::Fd file, const Metadata& metadata);
    void symlink(const std::string& path, const std::string& target, const Metadata& metadata);
    /// @throws Error  invalid: `target` is no file that was written before
    void hard_link(const std::string& path, const std::string& target);
    /// @param type  S_IFCHR, S_IFBLK or S_IFIFO
    void node(const std::string& path, mode_t type, dev_t device, const Metadata& metadata);
    void finish();

  private:
    struct Place {
        int folder;
        std::string name;
    };

    Place place(const std::string& path);
    os::Fd open_parent(const std::string& folder);
    void make_parents(const std::string& folder);
    void clear(const Place& place);
    void set_link_metadata(const Place& place, const Metadata& metadata);

    os::Fd root_;
    Ownership ownership_;
    bool privileged_;
    std::string parent_path_;  ///< of parent_, the folder used last
    os::Fd parent_;
    std::map<std::string, Metadata> folders_;
};

}  // namespace kiln::archive
