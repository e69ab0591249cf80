#include "queue/fifo_queue.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

std::size_t count(const Taken& taken) {
    return taken.delivered.size() + taken.dead.size() + taken.expired.size();
}

}  // namespace

std::optional<MessageState> FifoQueue::find(MessageSequence sequence) const {
    const auto group = group_of_.find(sequence);
    return group == group_of_.end() ? std::nullopt
                                    : std::optional{group->second->messages.at(sequence).state};
}

GroupName FifoQueue::group_of(MessageSequence sequence) const {
    const auto group = group_of_.find(sequence);
    return group == group_of_.end() ? nullptr : group->second->name;
}

void FifoQueue::leave_turn(Group& group) {
    if (group.in_turn) {
        turn_.erase(group.turn);
        group.in_turn = false;
    }
}

void FifoQueue::settle_turn(Group& group) {
    const bool ready = !group.messages.empty() && !group.messages.begin()->second.hidden;
    if (!ready) {
        leave_turn(group);
    } else if (!group.in_turn) {
        group.turn = turn_.insert(turn_.end(), &group);
        group.in_turn = true;
    }
}

void FifoQueue::erase(MessageSequence sequence) {
    const auto found = group_of_.find(sequence);
    if (found == group_of_.end()) {
        return;
    }
    auto& group = *found->second;
    const auto message = group.messages.find(sequence);
    if (message->second.hidden) {
        hidden_.remove(sequence, message->second.state);
    }
    by_age_.erase({message->second.state.sent, sequence});
    group.messages.erase(message);
    group_of_.erase(found);
    settle_turn(group);
    if (group.messages.empty()) {
        groups_.erase(*GroupName{group.name});
    }
}

void FifoQueue::put(
    MessageSequence sequence, const std::optional<MessageState>& state, const GroupName& name
) {
    erase(sequence);
    if (!state) {
        return;
    }
    KILN_CHECK(name != nullptr);
    auto& group = groups_[*name];
    if (!group.name) {
        group.name = name;
    }
    group.messages.emplace(sequence, Held{*state});
    group_of_.emplace(sequence, &group);
    by_age_.emplace(state->sent, sequence);
    hidden_.add(sequence, *state);  // comes up at once when its time has come
    settle_turn(group);
}

void FifoQueue::surface(TimePoint now) {
    while (const auto due = hidden_.due(now)) {
        auto& group = *group_of_.at(*due);
        auto& message = group.messages.at(*due);
        hidden_.remove(*due, message.state);
        message.hidden = false;
        settle_turn(group);
    }
}

bool FifoQueue::take_from(Group& group, TimePoint now, const TakeRule& rule, Taken& taken) {
    for (auto& [sequence, message] : group.messages) {
        if (message.hidden) {
            return true;
        }
        if (taken.delivered.size() >= rule.at_most ||
            taken.dead.size() + taken.expired.size() >= rule.most_aside) {
            return false;
        }
        MessageChange change{sequence, message.state, std::nullopt, group.name};
        switch (fate_of(message.state, now, rule)) {
            case Fate::expired:
                taken.expired.push_back(std::move(change));
                break;
            case Fate::dead:
                taken.dead.push_back(std::move(change));
                break;
            case Fate::delivered:
                const auto flying =
                    hidden_.in_flight() + static_cast<std::int64_t>(taken.delivered.size());
                if (flying >= rule.most_in_flight) {
                    taken.limited = true;
                    return false;
                }
                change.after = delivered(message.state, now, rule.visibility);
                taken.delivered.push_back(std::move(change));
        }
    }
    return true;
}

Taken FifoQueue::take(TimePoint now, const TakeRule& rule) {
    surface(now);
    Taken taken;
    std::vector<Group*> served;
    for (auto* group : turn_) {
        const auto before = count(taken);
        const bool more = take_from(*group, now, rule, taken);
        if (count(taken) > before) {
            served.push_back(group);
        }
        if (!more) {
            break;
        }
    }
    for (auto* group : served) {
        leave_turn(*group);
    }
    // Only now: a visibility of nothing would deliver the same message again.
    for (const auto* changes : {&taken.expired, &taken.dead, &taken.delivered}) {
        for (const auto& change : *changes) {
            apply(change);
        }
    }
    return taken;
}

std::optional<MessageChange> FifoQueue::held(const Claim& claim) const {
    const auto group = group_of_.find(claim.sequence);
    if (group == group_of_.end()) {
        return std::nullopt;
    }
    const auto& state = group->second->messages.at(claim.sequence).state;
    return MessageChange{claim.sequence, state, std::nullopt, group->second->name};
}

std::variant<MessageChange, ClaimFault> FifoQueue::change_visibility(
    TimePoint now, const Claim& claim, Duration visibility, DeliveryMatch
) {
    auto change = held(claim);
    if (!change) {
        return ClaimFault::no_message;
    }
    if (change->before->receives != claim.receives || change->before->visible_from <= now) {
        return ClaimFault::over;
    }
    change->after = change->before;
    change->after->visible_from = now + visibility;
    apply(*change);
    return *change;
}

std::variant<MessageChange, ClaimFault> FifoQueue::remove(TimePoint now, const Claim& claim) {
    const auto change = held(claim);
    if (!change) {
        return ClaimFault::no_message;
    }
    if (change->before->receives != claim.receives || change->before->visible_from <= now) {
        return ClaimFault::over;
    }
    apply(*change);
    return *change;
}

std::vector<MessageChange> FifoQueue::expire(
    TimePoint now, Duration retention, std::size_t at_most
) {
    std::vector<MessageChange> expired;
    while (expired.size() < at_most && !by_age_.empty() && by_age_.begin()->first + retention <= now
    ) {
        const auto sequence = by_age_.begin()->second;
        expired.push_back({sequence, find(sequence), std::nullopt, group_of(sequence)});
        apply(expired.back());
    }
    return expired;
}

Depths FifoQueue::depths(TimePoint now) {
    surface(now);
    const auto all = static_cast<std::int64_t>(group_of_.size());
    return {
        .visible = all - hidden_.in_flight() - hidden_.delayed(),
        .in_flight = hidden_.in_flight(),
        .delayed = hidden_.delayed(),
        .oldest = oldest(),
    };
}

std::optional<MessageSequence> FifoQueue::first_sequence() const {
    std::optional<MessageSequence> first;
    for (const auto& [sequence, group] : group_of_) {
        first = std::min(first.value_or(sequence), sequence);
    }
    return first;
}

std::optional<TimePoint> FifoQueue::next_visible() const {
    return hidden_.next();
}

std::optional<TimePoint> FifoQueue::oldest() const {
    return by_age_.empty() ? std::nullopt : std::optional{by_age_.begin()->first};
}

}  // namespace kiln::queue
