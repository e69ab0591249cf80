#pragma once

#include "base/deadline.hpp"
#include "os/spawn.hpp"

#include <functional>
#include <stop_token>
#include <string_view>

namespace kiln::images {

enum class Go { on, end };

/// How a watched process came to its end.
struct Watched {
    enum class Cause { exited, ended_by_sink, timed_out };
    Cause cause = Cause::exited;
    os::ExitStatus status;  ///< when it exited by itself
};

/// Runs a program and hands over what it writes, stdout and stderr as one stream, byte for byte as
/// it comes, until it ends, the sink says so, or the deadline passes. It is dead on return.
/// @throws Error  cancelled · not_found: no such program
Watched watch_process(
    os::Command command,
    const std::function<Go(std::string_view)>& sink,
    Deadline deadline,
    const std::stop_token& stop
);

}  // namespace kiln::images
