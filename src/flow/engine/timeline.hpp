#pragma once

#include "base/time.hpp"
#include "ports/clock.hpp"

namespace kiln::flow {

/// The engine's time: begins as the time of day and goes on evenly, whatever the time of day is set
/// to. Timers are of this time; what is shown is the time of day.
class Timeline {
  public:
    /// Marks stored times, so that another process, whose timeline is another one, can read them.
    struct Stamp {
        TimePoint begin;
        Duration drift{0};  ///< from the timeline to the time of day, when it was written
    };

    Timeline(const ports::Clock& wall, const ports::SteadyClock& steady)
        : wall_{wall}, steady_{steady}, begin_{wall.now()}, started_{steady.now()} {
        read();
    }

    /// Looks at the clocks; now() stays until the next time.
    void read() {
        now_ = begin_ + (steady_.now() - started_);
        drift_ = wall_.now() - now_;
    }

    [[nodiscard]] TimePoint now() const noexcept { return now_; }

    [[nodiscard]] TimePoint time_of_day() const noexcept { return now_ + drift_; }

    /// The time of day of a time of ours, and back.
    [[nodiscard]] TimePoint shown(TimePoint time) const noexcept { return time + drift_; }

    [[nodiscard]] TimePoint ours(TimePoint time_of_day) const noexcept {
        return time_of_day - drift_;
    }

    [[nodiscard]] Stamp stamp() const noexcept { return {begin_, drift_}; }

    /// What has to be added to times that were written under `stamp`.
    [[nodiscard]] Duration shift(const Stamp& stamp) const noexcept {
        return stamp.begin == begin_ ? Duration{0} : stamp.drift - drift_;
    }

  private:
    const ports::Clock& wall_;
    const ports::SteadyClock& steady_;
    TimePoint begin_;
    Duration started_;
    TimePoint now_;
    Duration drift_{0};
};

}  // namespace kiln::flow
