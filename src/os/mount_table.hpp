#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::os {

/// One line of /proc/self/mountinfo (proc(5)).
struct MountEntry {
    std::string root;  ///< what of the file system is mounted: "/"
    std::filesystem::path target;
    std::string type;  ///< "ext4", "fuse", "cgroup2"
    std::string source;
    std::string super_options;  ///< "rw,memory"
};

/// Pure. A line that has not the form is passed over.
[[nodiscard]] std::vector<MountEntry> parse_mount_table(std::string_view mountinfo);

}  // namespace kiln::os
