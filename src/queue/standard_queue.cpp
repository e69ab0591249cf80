#include "queue/standard_queue.hpp"

#include <algorithm>

namespace kiln::queue {

namespace {

MessageState fresh_state(TimePoint sent) {
    return {.sent = sent, .visible_from = sent};
}

bool is_fresh(const MessageState& state) {
    return never_received(state) && state.visible_from == state.sent && !state.origin;
}

}  // namespace

std::deque<StandardQueue::Fresh>::const_iterator StandardQueue::find_fresh(MessageSequence sequence
) const {
    const auto at = std::lower_bound(
        fresh_.begin(),
        fresh_.end(),
        sequence,
        [](const Fresh& fresh, MessageSequence wanted) { return fresh.sequence < wanted; }
    );
    return at != fresh_.end() && at->sequence == sequence ? at : fresh_.end();
}

std::optional<MessageState> StandardQueue::find(MessageSequence sequence) const {
    if (const auto touched = touched_.find(sequence); touched != touched_.end()) {
        return touched->second;
    }
    const auto fresh = find_fresh(sequence);
    return fresh == fresh_.end() ? std::nullopt : std::optional{fresh_state(fresh->sent)};
}

void StandardQueue::erase(MessageSequence sequence) {
    if (const auto found = touched_.find(sequence); found != touched_.end()) {
        const auto& state = found->second;
        if (!hidden_.remove(sequence, state)) {
            ready_.erase({state.sent, sequence});
        }
        by_age_.erase({state.sent, sequence});
        touched_.erase(found);
    } else if (const auto fresh = find_fresh(sequence); fresh != fresh_.end()) {
        fresh_.erase(fresh);
    }
}

void StandardQueue::
    put(MessageSequence sequence, const std::optional<MessageState>& state, const GroupName&) {
    erase(sequence);
    if (!state) {
        return;
    }
    if (is_fresh(*state) && (fresh_.empty() || fresh_.back().sequence < sequence)) {
        fresh_.push_back({sequence, state->sent});
    } else if (is_fresh(*state) && sequence < fresh_.front().sequence) {
        fresh_.push_front({sequence, state->sent});
    } else {
        touched_.emplace(sequence, *state);
        by_age_.emplace(state->sent, sequence);
        hidden_.add(sequence, *state);  // comes up at once when its time has come
    }
}

void StandardQueue::surface(TimePoint now) {
    while (const auto due = hidden_.due(now)) {
        const auto& state = touched_.at(*due);
        hidden_.remove(*due, state);
        ready_.emplace(state.sent, *due);
    }
}

std::optional<std::pair<MessageSequence, MessageState>> StandardQueue::next_ready() const {
    if (!ready_.empty() && (fresh_.empty() || ready_.begin()->first <= fresh_.front().sent)) {
        const auto sequence = ready_.begin()->second;
        return std::pair{sequence, touched_.at(sequence)};
    }
    if (fresh_.empty()) {
        return std::nullopt;
    }
    return std::pair{fresh_.front().sequence, fresh_state(fresh_.front().sent)};
}

Taken StandardQueue::take(TimePoint now, const TakeRule& rule) {
    surface(now);
    Taken taken;
    while (taken.delivered.size() < rule.at_most &&
           taken.dead.size() + taken.expired.size() < rule.most_aside) {
        const auto next = next_ready();
        if (!next) {
            break;
        }
        const auto& [sequence, state] = *next;
        const auto fate = fate_of(state, now, rule);
        const auto flying = hidden_.in_flight() + static_cast<std::int64_t>(taken.delivered.size());
        if (fate == Fate::delivered && flying >= rule.most_in_flight) {
            taken.limited = true;
            break;
        }
        erase(sequence);
        switch (fate) {
            case Fate::expired:
                taken.expired.push_back({sequence, state, {}, {}});
                break;
            case Fate::dead:
                taken.dead.push_back({sequence, state, {}, {}});
                break;
            case Fate::delivered:
                taken.delivered.push_back(
                    {sequence, state, delivered(state, now, rule.visibility), {}}
                );
        }
    }
    // Only now: a visibility of nothing would deliver the same message again.
    for (const auto& change : taken.delivered) {
        apply(change);
    }
    return taken;
}

std::variant<MessageChange, ClaimFault> StandardQueue::change_visibility(
    TimePoint now, const Claim& claim, Duration visibility, DeliveryMatch match
) {
    const auto state = find(claim.sequence);
    if (!state) {
        return ClaimFault::no_message;
    }
    const bool is_newest = state->receives == claim.receives && state->visible_from > now;
    if (match == DeliveryMatch::newest && !is_newest) {
        return ClaimFault::over;
    }
    MessageChange change{claim.sequence, state, state, {}};
    change.after->visible_from = now + visibility;
    apply(change);
    return change;
}

std::variant<MessageChange, ClaimFault> StandardQueue::remove(TimePoint, const Claim& claim) {
    const auto state = find(claim.sequence);
    if (!state) {
        return ClaimFault::no_message;
    }
    MessageChange change{claim.sequence, state, std::nullopt, {}};
    apply(change);
    return change;
}

std::vector<MessageChange> StandardQueue::expire(
    TimePoint now, Duration retention, std::size_t at_most
) {
    std::vector<MessageChange> expired;
    const auto take_out = [&](MessageSequence sequence, const MessageState& state) {
        expired.push_back({sequence, state, std::nullopt, {}});
        apply(expired.back());
    };
    while (expired.size() < at_most && !fresh_.empty() && fresh_.front().sent + retention <= now) {
        take_out(fresh_.front().sequence, fresh_state(fresh_.front().sent));
    }
    while (expired.size() < at_most && !by_age_.empty() && by_age_.begin()->first + retention <= now
    ) {
        const auto sequence = by_age_.begin()->second;
        take_out(sequence, touched_.at(sequence));
    }
    return expired;
}

Depths StandardQueue::depths(TimePoint now) {
    surface(now);
    return {
        .visible = static_cast<std::int64_t>(fresh_.size() + ready_.size()),
        .in_flight = hidden_.in_flight(),
        .delayed = hidden_.delayed(),
        .oldest = oldest(),
    };
}

std::optional<MessageSequence> StandardQueue::first_sequence() const {
    std::optional<MessageSequence> first;
    if (!fresh_.empty()) {
        first = fresh_.front().sequence;
    }
    for (const auto& [sequence, state] : touched_) {
        first = std::min(first.value_or(sequence), sequence);
    }
    return first;
}

std::optional<TimePoint> StandardQueue::next_visible() const {
    return hidden_.next();
}

std::optional<TimePoint> StandardQueue::oldest() const {
    std::optional<TimePoint> oldest;
    if (!fresh_.empty()) {
        oldest = fresh_.front().sent;
    }
    if (!by_age_.empty() && (!oldest || by_age_.begin()->first < *oldest)) {
        oldest = by_age_.begin()->first;
    }
    return oldest;
}

}  // namespace kiln::queue
