#pragma once

#include "queue/message_index.hpp"
#include "queue/owned_queue.hpp"
#include "queue/refusal.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace kiln::queue {

/// Deliveries that are told when their leases are on disk. A null message is read then.
struct PendingReceive {
    std::vector<Delivery> deliveries;
    std::vector<ports::MessageKey> keys;  ///< one for each delivery
    std::optional<Refusal> failure;       ///< a body could not be read
};

/// What is written together: the changes, how to take them back, and whom to tell.
struct Batch {
    /// nullptr: all is durable; else why nothing of it has happened.
    using Answer = std::function<void(const Refusal* failure)>;

    struct Undo {
        OwnedQueue* queue = nullptr;  ///< set: `change` is taken back in its index
        MessageChange change;
        std::function<void()> step;
    };

    ports::QueueChanges changes;
    std::vector<Undo> undo;  ///< taken back from the last one on
    std::vector<Answer> answers;
    std::vector<std::shared_ptr<PendingReceive>> receives;
    std::size_t bytes = 0;  ///< of the bodies in it

    /// What one transaction should hold at most: bounds how long the next one waits.
    [[nodiscard]] bool full() const noexcept {
        return changes.size() >= 20'000 || bytes >= (16U << 20);
    }

    void take_back() {
        for (; !undo.empty(); undo.pop_back()) {
            auto& last = undo.back();
            if (last.queue != nullptr) {
                last.queue->index->revert(last.change);
            } else {
                last.step();
            }
        }
    }
};

}  // namespace kiln::queue
