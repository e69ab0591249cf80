#pragma once

#include "jail/jail.hpp"

#include <string>
#include <vector>

namespace kiln::jail {

/// One thing that bubblewrap is told to do, and why.
struct Operation {
    std::vector<std::string> arguments;
    std::string reason;
    bool secret = false;  ///< the last argument is not for people
};

/// The jail as bubblewrap is told it, in order. Both jail_arguments and explain come from this
/// list, so that what is explained is what is done.
/// @throws Error  invalid: see jail_arguments
[[nodiscard]] std::vector<Operation> operations(const JailPlan& plan, const JailSupport& support);

/// Files below /proc that tell a root without capabilities about the host; those a kernel lacks are
/// to be left out of JailSupport.
[[nodiscard]] const std::vector<std::string>& telling_files();

/// Folders of the image that something of the jail's own is mounted on.
[[nodiscard]] const std::vector<std::string>& own_mount_points();

/// Is `path` below one of the folders that the jail mounts afresh, /run or /tmp?
[[nodiscard]] bool on_own_tmpfs(std::string_view path);

/// Where wrappers of programs stand, first in PATH.
inline constexpr std::string_view kWrapperFolder = "/run/kiln/bin";

}  // namespace kiln::jail
