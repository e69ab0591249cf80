#pragma once

#include <string>
#include <string_view>

struct archive_entry;

namespace kiln::archive {

/// The kernel's form of an entry's access or default ACL, for the xattr `system.posix_acl_…`;
/// "" when the entry has none beyond its mode. Source: linux/posix_acl_xattr.h, version 2.
[[nodiscard]] std::string acl_to_xattr(archive_entry* entry, int type);

/// Adds what the xattr says to the entry. @returns false when it is not of version 2
[[nodiscard]] bool acl_from_xattr(archive_entry* entry, int type, std::string_view xattr);

}  // namespace kiln::archive
