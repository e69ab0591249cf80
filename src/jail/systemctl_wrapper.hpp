#pragma once

#include <string_view>

namespace kiln::jail {

/// A `systemctl` that does not start, stop or reload anything, says so, and hands all else to the
/// next systemctl in PATH. POSIX shell.
[[nodiscard]] std::string_view systemctl_wrapper();

/// policy-rc.d as invoke-rc.d(8) knows it: 101 forbids every action on every service.
[[nodiscard]] std::string_view policy_rc_d();

}  // namespace kiln::jail
