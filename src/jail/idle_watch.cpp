#include "jail/idle_watch.hpp"

#include <algorithm>

namespace kiln::jail {

namespace {

/// CPU time below this part of the wall time is noise: 500 us a second. A timer that wakes a
/// sleeping service was measured at 40 us, a download at 7 ms a megabyte (Debian 12, one core).
constexpr int kNoiseDivisor = 2000;

}  // namespace

IdleWatch::Verdict IdleWatch::observe(const Activity& now) {
    const bool output = now.output_bytes != last_.output_bytes;
    const bool io = now.io != last_.io;
    const bool cpu = (now.cpu - last_.cpu) * kNoiseDivisor > now.at - last_.at;
    if (output) {
        output_at_ = now.at;
    }
    if (output || io || cpu) {
        progress_at_ = now.at;
    }
    last_ = now;
    return now.at - progress_at_ >= limit_ ? Verdict::hung : Verdict::alive;
}

std::chrono::nanoseconds IdleWatch::interval() const {
    using namespace std::chrono_literals;
    return std::clamp<std::chrono::nanoseconds>(limit_ / 10, 20ms, 15s);
}

}  // namespace kiln::jail
