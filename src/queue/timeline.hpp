#pragma once

#include "ports/clock.hpp"
#include "ports/queue_store.hpp"

namespace kiln::queue {

/// The engine's time: begins as the time of day and goes on evenly, whatever the time of day is set
/// to. Deadlines are of this time; what is stored and shown is the time of day.
class Timeline {
  public:
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

    /// The time of day of a time of ours.
    [[nodiscard]] TimePoint shown(TimePoint time) const noexcept { return time + drift_; }

    [[nodiscard]] ports::MessageState shown(ports::MessageState state) const {
        state.sent = shown(state.sent);
        state.visible_from = shown(state.visible_from);
        if (state.first_received) {
            state.first_received = shown(*state.first_received);
        }
        return state;
    }

  private:
    const ports::Clock& wall_;
    const ports::SteadyClock& steady_;
    TimePoint begin_;
    Duration started_;
    TimePoint now_;
    Duration drift_{0};
};

}  // namespace kiln::queue
