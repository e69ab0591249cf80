#pragma once

#include "os/fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Folders by descriptor: what TempDir, remove_tree and GuestRoot share. No path here is followed
/// through a link.
namespace kiln::os {

/// openat2(2), tried again when a rename elsewhere on the host disturbed it (EAGAIN).
/// @param resolve  RESOLVE_* flags
/// @returns  an empty Fd with errno set when it fails
[[nodiscard]] Fd open_at(
    int folder, const std::string& path, int flags, unsigned mode, std::uint64_t resolve
);

/// Names in an open folder but "." and "..", sorted. `folder` may be an O_PATH descriptor.
/// @throws Error by errno
[[nodiscard]] std::vector<std::string> names_in(int folder);

/// Removes the entry `name` of `parent` with all below it. Links are removed, not followed; a mount
/// point is never entered. Absent is success. Any depth, with a bounded number of descriptors.
/// @param label  the entry's path, for messages
/// @throws Error  conflict: something is mounted below it · by errno, naming the entry
void remove_entry(int parent, const std::string& name, const std::string& label);

}  // namespace kiln::os
