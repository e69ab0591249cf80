#pragma once

#include "base/deadline.hpp"

#include <cstdint>
#include <optional>

namespace kiln::os {

/// A process that may have ended and whose number may have been given to another since:
/// its start time (field 22 of /proc/PID/stat) tells them apart.
struct ProcessRef {
    int pid = 0;
    std::uint64_t start_time = 0;

    bool operator==(const ProcessRef&) const = default;
};

/// nullopt when there is no such process.
[[nodiscard]] std::optional<ProcessRef> process_ref(int pid);

/// Kills exactly that process and waits until it has ended; one already gone is success.
/// @throws Error  timed_out: it sits in the kernel · denied: it is another user's
void kill_process(const ProcessRef& ref, Deadline deadline);

}  // namespace kiln::os
