#pragma once

#include "queue/tests/engine_fixture.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace kiln::queue::testing {

/// A queue as simple as it can be said, to compare the engine with: a list that is searched.
class ModelQueue {
  public:
    struct Message {
        std::string id;
        std::string group;
        TimePoint sent, visible_from;
        std::int64_t receives = 0;
    };

    ModelQueue(bool fifo, Duration retention) : fifo_{fifo}, retention_{retention} {}

    void send(Message message) { messages_.push_back(std::move(message)); }

    void pass(TimePoint now) {
        std::erase_if(messages_, [&](const auto& each) { return each.sent + retention_ <= now; });
    }

    Message* find(const std::string& id) {
        const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const auto& each) {
            return each.id == id;
        });
        return found == messages_.end() ? nullptr : &*found;
    }

    void remove(const std::string& id) {
        std::erase_if(messages_, [&](const auto& each) { return each.id == id; });
    }

    void clear() { messages_.clear(); }

    /// Those that may be delivered now; of a FIFO group, those before its first hidden one.
    [[nodiscard]] std::vector<std::string> deliverable(TimePoint now) const {
        std::vector<std::string> ids;
        std::map<std::string, bool> blocked;
        for (const auto& each : messages_) {
            const bool hidden = each.visible_from > now;
            if (fifo_) {
                blocked[each.group] = blocked[each.group] || hidden;
            }
            if (!hidden && !(fifo_ && blocked[each.group])) {
                ids.push_back(each.id);
            }
        }
        return ids;
    }

    /// visible, in flight, delayed
    [[nodiscard]] std::vector<std::int64_t> counts(TimePoint now) const {
        std::vector<std::int64_t> counts{0, 0, 0};
        for (const auto& each : messages_) {
            const bool hidden = each.visible_from > now;
            ++counts[!hidden ? 0 : each.receives > 0 ? 1 : 2];
        }
        return counts;
    }

    [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }

  private:
    bool fifo_;
    Duration retention_;
    std::vector<Message> messages_;
};

}  // namespace kiln::queue::testing
