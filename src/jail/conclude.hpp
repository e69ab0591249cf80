#pragma once

#include "jail/bwrap_status.hpp"
#include "jail/jail.hpp"

#include <optional>
#include <string>

namespace kiln::jail {

/// Why the wait for the command came to its end.
enum class Ended {
    by_itself,   ///< bubblewrap has ended
    time_limit,  ///< Limits::time
    idle,        ///< Limits::idle
    stop,        ///< the stop token
    deadline,    ///< the caller's deadline
};

/// All that is known about a run once its processes are dead.
struct Ending {
    Ended why = Ended::by_itself;
    os::ExitStatus bwrap;  ///< bubblewrap's own
    BwrapStatus status;
    os::CgroupUsage usage;   ///< of this run alone, but for the peak
    std::string last_error;  ///< last line of stderr
    std::string last_words;  ///< for idle: what it last did
};

/// The outcome, or the error that run_jail throws. Pure.
[[nodiscard]] Outcome conclude(const JailPlan& plan, const Limits& limits, const Ending& ending);

}  // namespace kiln::jail
