#include "queue/core.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

using Deliveries = std::vector<Delivery>;

}  // namespace

OwnedQueue* Engine::Core::dead_letter_queue(const OwnedQueue& queue) {
    const auto& redrive = queue.definition->redrive;
    auto* const found = redrive ? find(redrive->dead_letter_queue) : nullptr;
    const bool good = found != nullptr && found != &queue && found->is_fifo() == queue.is_fifo();
    return good ? found : nullptr;
}

TakeRule Engine::Core::take_rule(const OwnedQueue& queue, const Receive& receive) {
    const auto& definition = *queue.definition;
    TakeRule rule{
        .at_most = static_cast<std::size_t>(std::clamp(receive.at_most, 1, 10)),
        .visibility = receive.visibility.value_or(definition.visibility),
        .retention = definition.retention,
        .most_in_flight = queue.is_fifo() ? settings.most_in_flight_fifo : settings.most_in_flight,
    };
    if (const auto* dead_letters = dead_letter_queue(queue)) {
        rule.max_receives = definition.redrive->max_receives;
        rule.dead_letters = dead_letters->name;
    }
    return rule;
}

void Engine::Core::receive(std::uint64_t ticket, Receive& receive, Callback<Deliveries> done) {
    auto* const queue = find_or_refuse(receive.queue, done);
    if (queue == nullptr) {
        return;
    }
    queue->used = time_.now();
    serve_parked(*queue);
    bool limited = false;
    if (deliver_again(*queue, receive, done) || deliver(*queue, receive, done, limited)) {
        return;
    }
    const Duration wait = receive.wait.value_or(queue->definition->receive_wait);
    if (wait > Duration{0} && !closing_ && !waiting_over_) {
        timers_.add({time_.now() + wait, Timers::Kind::receive, ticket});
        queue->parked.push_back({ticket, std::move(receive), std::move(done)});
        parked_.emplace(ticket, Place{queue, std::prev(queue->parked.end())});
        touch(*queue);
    } else if (limited && !queue->is_fifo()) {
        answer<Deliveries>(
            done,
            Refusal{
                RefusalCode::over_limit,
                fmt::format(
                    "Too many messages in flight: {} of queue {} were received and not yet "
                    "deleted.",
                    settings.most_in_flight,
                    queue->definition->name
                )}
        );
    } else {
        answer<Deliveries>(done, Deliveries{});
    }
}

bool Engine::Core::deliver(
    OwnedQueue& queue, const Receive& receive, const Callback<Deliveries>& done, bool& limited
) {
    auto taken = queue.index->take(time_.now(), take_rule(queue, receive));
    limited = taken.limited;
    put_aside(queue, taken);
    if (taken.delivered.empty()) {
        return false;
    }
    if (receive.attempt && queue.is_fifo()) {
        Attempt attempt{{}, time_.now() + kDeduplicationInterval};
        for (const auto& change : taken.delivered) {
            attempt.claims.push_back({change.sequence, change.after->receives});
        }
        queue.attempts.insert_or_assign(*receive.attempt, std::move(attempt));
    }
    for (const auto& change : taken.delivered) {
        note(queue, change);
    }
    hand_over(queue, taken.delivered, done);
    return true;
}

/// The messages that the same attempt was given, as far as they are still its own.
bool Engine::Core::deliver_again(
    OwnedQueue& queue, const Receive& receive, const Callback<Deliveries>& done
) {
    if (!receive.attempt) {
        return false;
    }
    const auto known = queue.attempts.find(*receive.attempt);
    if (known == queue.attempts.end() || known->second.until <= time_.now()) {
        return false;
    }
    const Duration visibility = receive.visibility.value_or(queue.definition->visibility);
    std::vector<MessageChange> again;
    for (const auto& claim : known->second.claims) {
        const auto changed =
            queue.index->change_visibility(time_.now(), claim, visibility, DeliveryMatch::newest);
        if (const auto* change = std::get_if<MessageChange>(&changed)) {
            note(queue, *change);
            again.push_back(*change);
        }
    }
    if (again.empty()) {
        return false;
    }
    hand_over(queue, again, done);
    return true;
}

void Engine::Core::hand_over(
    OwnedQueue& queue, const std::vector<MessageChange>& delivered, const Callback<Deliveries>& done
) {
    auto pending = std::make_shared<PendingReceive>();
    auto& batch = committer_.batch();
    for (const auto& [sequence, before, after, group] : delivered) {
        const ports::MessageKey key{queue.number(), sequence};
        batch.changes.emplace_back(ports::queue_change::SetState{key, time_.shown(*after)});
        pending->keys.push_back(key);
        Delivery delivery;
        delivery.message = cache_.find(key);
        delivery.receipt = queue.receipts.write({sequence, after->receives});
        delivery.receives = after->receives;
        delivery.first_received = time_.shown(after->first_received.value_or(time_.now()));
        if (queue.is_fifo()) {
            delivery.sequence = sequence;
        }
        if (after->origin) {
            delivery.dead_letter_source = *after->origin;
        }
        pending->deliveries.push_back(std::move(delivery));
    }
    touch(queue);
    batch.receives.push_back(pending);
    batch.answers.push_back([pending, done](const Refusal* failure) {
        if (failure != nullptr || pending->failure) {
            return done(failure != nullptr ? *failure : *pending->failure);
        }
        std::erase_if(pending->deliveries, [](const auto& each) { return !each.message; });
        done(std::move(pending->deliveries));
    });
}

/// Removes what is too old, and moves what was received too often.
void Engine::Core::put_aside(OwnedQueue& queue, Taken& taken) {
    for (const auto& change : taken.expired) {
        note(queue, change);
        const ports::MessageKey key{queue.number(), change.sequence};
        committer_.batch().changes.emplace_back(ports::queue_change::RemoveMessage{key});
        cache_.remove(key);
    }
    if (taken.dead.empty()) {
        return;
    }
    auto& target = *dead_letter_queue(queue);
    for (const auto& change : taken.dead) {
        note(queue, change);
        auto state = *change.before;
        state.origin = queue.name;
        state.visible_from = time_.now();
        if (target.is_fifo()) {
            state.sent = time_.now();  // a FIFO queue counts retention from the arrival
        }
        relocate(queue, target, change, std::move(state), false);
    }
}

/// Gives a message that was taken out to another queue.
/// @param renewed  as a new message, with an id and a time of its own
void Engine::Core::relocate(
    OwnedQueue& from, OwnedQueue& to, const MessageChange& change, MessageState state, bool renewed
) {
    const ports::MessageKey old_key{from.number(), change.sequence};
    const ports::MessageKey new_key{to.number(), next_sequence(to)};
    const MessageChange arrival{new_key.sequence, std::nullopt, state, change.group};
    to.index->apply(arrival);
    note(to, arrival);
    ports::queue_change::MoveMessage move{old_key, new_key, time_.shown(state), {}, {}};
    if (renewed) {
        move.id = uuids_.next();
        move.sent = time_.time_of_day();
    }
    if (const auto cached = cache_.find(old_key)) {
        auto message = *cached;
        message.id = move.id.value_or(message.id);
        message.sent = move.sent.value_or(message.sent);
        cache_.remove(old_key);
        cache_.put(new_key, std::make_shared<const Message>(std::move(message)));
    }
    committer_.batch().changes.emplace_back(std::move(move));
    touch(to);
}

void Engine::Core::serve_parked(OwnedQueue& queue) {
    bool limited = false;
    while (!queue.parked.empty()) {
        auto& first = queue.parked.front();
        if (!deliver(queue, first.receive, first.done, limited)) {
            break;
        }
        parked_.erase(first.ticket);
        queue.parked.pop_front();
    }
}

void Engine::Core::serve_dirty() {
    // Serving may put messages into other queues.
    while (!dirty_.empty()) {
        const auto number = dirty_.back();
        dirty_.pop_back();
        const auto found = queues_.find(number);
        if (found != queues_.end()) {
            auto& queue = *found->second;
            serve_parked(queue);
            queue.dirty = false;
            rearm(queue);
        }
    }
}

void Engine::Core::unpark(std::uint64_t ticket) {
    const auto found = parked_.find(ticket);
    if (found == parked_.end()) {
        return;
    }
    const auto [queue, at] = found->second;
    parked_.erase(found);
    answer<Deliveries>(at->done, Deliveries{});
    queue->parked.erase(at);
}

void Engine::Core::cancel(std::uint64_t ticket) {
    unpark(ticket);
}

}  // namespace kiln::queue
