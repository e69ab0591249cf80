#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace kiln {

/// A moment after which a wait is given up. Monotonic: a clock that is set does not move it.
class Deadline {
  public:
    using Clock = std::chrono::steady_clock;

    /// A span beyond the clock's range means never.
    static Deadline after(std::chrono::nanoseconds span) {
        const auto now = Clock::now();
        return span > Clock::time_point::max() - now ? never() : Deadline{now + span};
    }

    static Deadline never() { return Deadline{Clock::time_point::max()}; }

    static Deadline earlier(Deadline a, Deadline b) { return Deadline{std::min(a.at_, b.at_)}; }

    [[nodiscard]] bool passed() const { return Clock::now() >= at_; }

    [[nodiscard]] Clock::time_point at() const noexcept { return at_; }

    /// For poll(2): whole milliseconds left, rounded up, 0 when passed, -1 for never.
    [[nodiscard]] int poll_timeout() const {
        if (at_ == Clock::time_point::max()) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
    }

  private:
    explicit Deadline(Clock::time_point at) : at_{at} {}

    Clock::time_point at_;
};

}  // namespace kiln
