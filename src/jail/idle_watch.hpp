#pragma once

#include "base/bytes.hpp"

#include <chrono>
#include <cstdint>

namespace kiln::jail {

/// What a command has done so far, at one moment. The counters only rise.
struct Activity {
    std::chrono::steady_clock::time_point at;
    std::uint64_t output_bytes = 0;
    std::chrono::microseconds cpu{0};
    Bytes io;  ///< read and written
};

/// Decides when a command makes no progress any more. Pure: no clock, nothing read.
///
/// Progress between two samples is any output, any I/O, or CPU time above the noise that timers of
/// sleeping daemons make. Sample about ten times within the limit.
class IdleWatch {
  public:
    enum class Verdict { alive, hung };

    IdleWatch(std::chrono::nanoseconds limit, const Activity& start)
        : limit_{limit}, last_{start}, progress_at_{start.at}, output_at_{start.at} {}

    Verdict observe(const Activity& now);

    /// How long, at the last sample, there had been no output.
    [[nodiscard]] std::chrono::nanoseconds silent() const { return last_.at - output_at_; }

    /// When to take samples: often enough to see the limit, seldom enough to cost nothing.
    [[nodiscard]] std::chrono::nanoseconds interval() const;

  private:
    std::chrono::nanoseconds limit_;
    Activity last_;
    std::chrono::steady_clock::time_point progress_at_;
    std::chrono::steady_clock::time_point output_at_;
};

}  // namespace kiln::jail
