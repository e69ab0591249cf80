#pragma once

#include "queue/commands.hpp"
#include "queue/deduplications.hpp"
#include "queue/engine.hpp"
#include "queue/message_index.hpp"
#include "queue/receipt.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace kiln::queue {

/// A receiver that waits.
struct Parked {
    std::uint64_t ticket = 0;
    Receive receive;
    Callback<std::vector<Delivery>> done;
};

/// What a receive with an attempt's name was given, to give it again.
struct Attempt {
    std::vector<Claim> claims;
    TimePoint until;
};

/// A queue, as the engine's thread has it.
struct OwnedQueue {
    OwnedQueue(ports::QueueRow stored, DefinitionPtr defined);

    ports::QueueRow row;
    DefinitionPtr definition;
    GroupName name;  ///< shared by the messages that it sends to its dead letter queue
    std::unique_ptr<MessageIndex> index;
    Deduplications deduplications;
    ReceiptBook receipts;
    MessageSequence last = 0;            ///< the newest sequence that was given away
    std::optional<TimePoint> purged_at;  ///< on the engine's time line
    std::list<Parked> parked;            ///< in their order of arrival
    std::map<std::string, Attempt> attempts;
    TimePoint used;  ///< the newest command on its messages; at least when the engine began
    std::deque<MoveTask> moves;  ///< newest first
    TimePoint next_move;         ///< of the running one
    std::optional<TimePoint> armed;
    bool dirty = false;  ///< something may have become visible

    [[nodiscard]] bool is_fifo() const noexcept { return definition->fifo.has_value(); }

    [[nodiscard]] ports::QueueNumber number() const noexcept { return row.number; }

    [[nodiscard]] MoveTask* running_move() {
        const bool running = !moves.empty() && moves.front().state == MoveState::running;
        return running ? &moves.front() : nullptr;
    }
};

[[nodiscard]] std::unique_ptr<MessageIndex> make_index(const QueueDefinition& definition);

}  // namespace kiln::queue
