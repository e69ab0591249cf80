#include "queue/codec.hpp"
#include "queue/core.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

/// The longest that a delivery or a delay can last.
constexpr std::chrono::hours kLongestHidden{12};

/// A stored state, read at `now`. The time of day may have been set back since: nobody waits longer
/// for a message than he would have to, and none is younger than new.
MessageState sane(MessageState state, TimePoint now) {
    state.sent = std::min(state.sent, now);
    state.visible_from = std::min(state.visible_from, now + kLongestHidden);
    return state;
}

}  // namespace

void Engine::Core::load() {
    const auto now = time_.now();
    for (auto& row : store_.queues()) {
        if (row.deleted_at) {
            const auto free_at = std::min(*row.deleted_at, now) + std::chrono::seconds{60};
            tombstones_.emplace(row.number, Tombstone{row.name, free_at});
            timers_.add({free_at, Timers::Kind::tombstone, static_cast<std::uint64_t>(row.number)});
            continue;
        }
        auto definition = std::make_shared<const QueueDefinition>(read_definition(row.definition));
        directory.put(definition);
        auto& queue = adopt(std::make_unique<OwnedQueue>(std::move(row), std::move(definition)));
        if (queue.row.purged_at) {
            queue.purged_at = std::min(*queue.row.purged_at, now);
        }
    }
    for (auto& row : store_.deduplications()) {
        const auto found = queues_.find(row.queue);
        if (found != queues_.end()) {
            row.until = std::min(row.until, now + kDeduplicationInterval);
            found->second->deduplications.put(row);
        }
    }
    for (const auto& row : store_.move_tasks()) {
        const auto found = queues_.find(row.queue);
        if (found != queues_.end()) {
            found->second->moves.push_back(read_move_task(row.task));
            found->second->next_move = now;
        }
    }
    load_messages();
    for (const auto& [number, queue] : queues_) {
        std::stable_sort(
            queue->moves.begin(),
            queue->moves.end(),
            [](const MoveTask& a, const MoveTask& b) { return a.started > b.started; }
        );
        touch(*queue);
    }
    serve_dirty();
}

void Engine::Core::load_messages() {
    const auto now = time_.now();
    OwnedQueue* queue = nullptr;
    std::map<ports::QueueNumber, Sweep> swept;
    store_.visit_messages([&](const ports::MessageKey& key,
                              const MessageState& state,
                              std::optional<std::string_view> group) {
        if (queue == nullptr || queue->number() != key.queue) {
            const auto found = queues_.find(key.queue);
            queue = found == queues_.end() ? nullptr : found->second.get();
        }
        if (queue == nullptr || key.sequence <= queue->row.purged) {
            auto& sweep = swept.emplace(key.queue, Sweep{key.queue, key.sequence, 0}).first->second;
            sweep.last = key.sequence;
            return;
        }
        const auto name = queue->is_fifo() ? std::make_shared<const std::string>(group.value_or(""))
                                           : GroupName{};
        queue->index->apply({key.sequence, std::nullopt, sane(state, now), name});
    });
    for (const auto& [number, sweep] : swept) {
        sweeps_.push_back(sweep);
    }
}

}  // namespace kiln::queue
