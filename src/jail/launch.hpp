#pragma once

#include "jail/jail.hpp"
#include "os/cgroup.hpp"
#include "os/fd.hpp"
#include "os/spawn.hpp"

namespace kiln::jail {

/// A jail that has been started, and our ends of its pipes; they never block.
struct Launched {
    os::Child child;
    os::Fd out, err;  ///< absent for a terminal
    os::Fd status;    ///< bubblewrap's --json-status-fd
};

/// @throws Error  not_found: no bubblewrap · invalid: the plan · exhausted
[[nodiscard]] Launched launch(const JailPlan& plan, const os::Cgroup& cgroup);

}  // namespace kiln::jail
