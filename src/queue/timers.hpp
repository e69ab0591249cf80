#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

namespace kiln::queue {

/// What to look at when. One that is no longer wanted is not taken out: whoever it fires for looks
/// what is due.
class Timers {
  public:
    enum class Kind {
        queue,      ///< of a queue's number: a message becomes visible or too old, a move goes on
        tombstone,  ///< of a deleted queue's number: its name is free
        receive,    ///< of a ticket: its wait is over
    };

    struct Timer {
        TimePoint at;
        Kind kind = Kind::queue;
        std::uint64_t of = 0;

        bool operator>(const Timer& other) const noexcept { return at > other.at; }
    };

    void add(const Timer& timer) { heap_.push(timer); }

    [[nodiscard]] std::optional<TimePoint> next() const {
        return heap_.empty() ? std::nullopt : std::optional{heap_.top().at};
    }

    /// The next one that is due, taken out.
    std::optional<Timer> pop(TimePoint now) {
        if (heap_.empty() || now < heap_.top().at) {
            return std::nullopt;
        }
        const auto timer = heap_.top();
        heap_.pop();
        return timer;
    }

  private:
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> heap_;
};

}  // namespace kiln::queue
