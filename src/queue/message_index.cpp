#include "queue/message_index.hpp"

namespace kiln::queue {

Fate fate_of(const MessageState& state, TimePoint now, const TakeRule& rule) {
    if (state.sent + rule.retention <= now) {
        return Fate::expired;
    }
    if (rule.max_receives && state.receives >= *rule.max_receives) {
        // Two queues that are each other's would pass it to and fro for ever.
        const bool back = state.origin && rule.dead_letters && *state.origin == *rule.dead_letters;
        return back ? Fate::delivered : Fate::dead;
    }
    return Fate::delivered;
}

MessageState delivered(const MessageState& state, TimePoint now, Duration visibility) {
    auto after = state;
    after.visible_from = now + visibility;
    ++after.receives;
    after.first_received = state.first_received.value_or(now);
    return after;
}

}  // namespace kiln::queue
