#pragma once

#include "base/deadline.hpp"
#include "os/cgroup_layout.hpp"

#include <filesystem>
#include <vector>

namespace kiln::os {

/// Process numbers of the members; none when the group does not exist.
[[nodiscard]] std::vector<int> members_of(const std::filesystem::path& folder);

/// SIGKILL to every member, also to those forked meanwhile; returns when none is left.
/// @param seats  the folders of one group
/// @throws Error  timed_out: a member sits in the kernel
void kill_members(const std::vector<CgroupSeat>& seats, Deadline deadline);

/// Absent is success. @throws Error  conflict: it has members
void remove_group(const std::filesystem::path& folder, Deadline deadline);

}  // namespace kiln::os
