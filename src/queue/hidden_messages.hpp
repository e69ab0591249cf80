#pragma once

#include "queue/message_index.hpp"

#include <set>
#include <utility>

namespace kiln::queue {

/// The messages of a queue that nobody may have now, by when that ends: delayed ones and delivered
/// ones, counted.
class HiddenMessages {
  public:
    void add(MessageSequence sequence, const MessageState& state) {
        if (order_.emplace(state.visible_from, sequence).second) {
            ++count_of(state);
        }
    }

    /// One that is not there is left alone.
    bool remove(MessageSequence sequence, const MessageState& state) {
        const bool was = order_.erase({state.visible_from, sequence}) != 0;
        if (was) {
            --count_of(state);
        }
        return was;
    }

    /// The first whose time has come.
    [[nodiscard]] std::optional<MessageSequence> due(TimePoint now) const {
        return !order_.empty() && order_.begin()->first <= now
                   ? std::optional{order_.begin()->second}
                   : std::nullopt;
    }

    [[nodiscard]] std::optional<TimePoint> next() const {
        return order_.empty() ? std::nullopt : std::optional{order_.begin()->first};
    }

    [[nodiscard]] std::int64_t in_flight() const noexcept { return in_flight_; }

    [[nodiscard]] std::int64_t delayed() const noexcept { return delayed_; }

  private:
    std::int64_t& count_of(const MessageState& state) {
        return never_received(state) ? delayed_ : in_flight_;
    }

    std::set<std::pair<TimePoint, MessageSequence>> order_;
    std::int64_t in_flight_ = 0;
    std::int64_t delayed_ = 0;
};

}  // namespace kiln::queue
