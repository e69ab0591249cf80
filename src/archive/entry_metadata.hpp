#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <time.h>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace kiln::archive {

/// What an entry of a tree has beside its name and bytes.
struct Metadata {
    mode_t mode = 0;  ///< permission and set-id bits, no type
    uid_t uid = 0;
    gid_t gid = 0;
    std::optional<timespec> modified;
    /// By full name ("security.capability", "system.posix_acl_access"), the kernel's bytes.
    std::vector<std::pair<std::string, std::string>> xattrs;
};

}  // namespace kiln::archive
