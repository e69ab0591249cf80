#include "queue/core.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

/// Messages that one batch removes for their age, and rows that it sweeps.
constexpr std::size_t kMostExpired = 1'000;
constexpr MessageSequence kSweepStep = 5'000;

}  // namespace

void Engine::Core::run_background() {
    for (const auto number : std::exchange(expiring_, {})) {
        const auto found = queues_.find(number);
        if (found != queues_.end()) {
            expire(*found->second);
            move_some(*found->second);
            rearm(*found->second);
        }
    }
    sweep_some();
    for (const auto number : std::exchange(burying_, {})) {
        bury(number);
    }
}

void Engine::Core::expire(OwnedQueue& queue) {
    const auto now = time_.now();
    auto& changes = committer_.batch().changes;
    for (const auto& change : queue.index->expire(now, queue.definition->retention, kMostExpired)) {
        note(queue, change);
        const ports::MessageKey key{queue.number(), change.sequence};
        changes.emplace_back(ports::queue_change::RemoveMessage{key});
        cache_.remove(key);
        touch(queue);
    }
    for (auto& row : queue.deduplications.expire(now, kMostExpired)) {
        changes.emplace_back(ports::queue_change::RemoveDeduplication{queue.number(), row.key});
        note([&queue, row] { queue.deduplications.put(row); });
    }
    std::erase_if(queue.attempts, [&](const auto& entry) { return entry.second.until <= now; });
}

void Engine::Core::sweep_some() {
    if (sweeps_.empty()) {
        return;
    }
    auto& sweep = sweeps_.front();
    const auto last = std::min(sweep.last, sweep.first + kSweepStep - 1);
    committer_.batch().changes.emplace_back(ports::queue_change::SweepMessages{
        sweep.queue, sweep.first, last});
    note([this, queue = sweep.queue, first = sweep.first, last] {
        sweeps_.push_front({queue, first, last});
    });
    sweep.first = last + 1;
    if (sweep.first > sweep.last) {
        const auto number = sweep.queue;
        sweeps_.pop_front();
        if (tombstones_.contains(number)) {
            burying_.insert(number);
        }
    }
}

/// Forgets a deleted queue, once its name is free and it is swept.
void Engine::Core::bury(ports::QueueNumber number) {
    const auto found = tombstones_.find(number);
    const bool swept = std::none_of(sweeps_.begin(), sweeps_.end(), [&](const Sweep& sweep) {
        return sweep.queue == number;
    });
    if (found == tombstones_.end() || !swept || time_.now() < found->second.free_at) {
        return;
    }
    committer_.batch().changes.emplace_back(ports::queue_change::ForgetQueue{number});
    note([this, number, tombstone = found->second] {
        tombstones_.emplace(number, tombstone);
        burying_.insert(number);
    });
    tombstones_.erase(found);
}

void Engine::Core::rearm(OwnedQueue& queue) {
    std::optional<TimePoint> next;
    const auto consider = [&](std::optional<TimePoint> time) {
        if (time && (!next || *time < *next)) {
            next = time;
        }
    };
    if (!queue.parked.empty()) {
        consider(queue.index->next_visible());
    }
    if (const auto oldest = queue.index->oldest()) {
        consider(*oldest + queue.definition->retention);
    }
    consider(queue.deduplications.next());
    if (queue.running_move() != nullptr) {
        consider(queue.next_move);
    }
    if (next && (!queue.armed || *next < *queue.armed)) {
        queue.armed = next;
        timers_.add({*next, Timers::Kind::queue, static_cast<std::uint64_t>(queue.number())});
    }
}

}  // namespace kiln::queue
