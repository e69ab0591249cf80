#include "net/time_outs.hpp"

#include <algorithm>

namespace kiln::net {

void TimeOuts::add(Waiter& waiter) {
    auto& idle = list(Kind::none);
    waiter.place_ = idle.insert(idle.end(), &waiter);
    waiter.kind_ = Kind::none;
}

void TimeOuts::remove(Waiter& waiter) {
    list(waiter.kind_).erase(waiter.place_);
}

TimeOuts::Time TimeOuts::begin(Waiter& waiter, Kind kind, Time now) {
    auto& to = list(kind);
    to.splice(to.end(), list(waiter.kind_), waiter.place_);
    waiter.kind_ = kind;
    waiter.until_ = now + spans_[static_cast<std::size_t>(kind)];
    return waiter.until_;
}

void TimeOuts::end(Waiter& waiter) {
    auto& to = list(Kind::none);
    to.splice(to.end(), list(waiter.kind_), waiter.place_);
    waiter.kind_ = Kind::none;
}

std::optional<TimeOuts::Time> TimeOuts::next() const {
    std::optional<Time> earliest;
    for (std::size_t kind = 1; kind < kKinds; ++kind) {
        if (!lists_[kind].empty()) {
            const auto until = lists_[kind].front()->until_;
            earliest = earliest ? std::min(*earliest, until) : until;
        }
    }
    return earliest;
}

void TimeOuts::expire(Time now) {
    for (std::size_t kind = 1; kind < kKinds; ++kind) {
        auto& waiting = lists_[kind];
        // What it does may end or begin any wait, so the list is looked at anew each time.
        while (!waiting.empty() && waiting.front()->until_ <= now) {
            auto& waiter = *waiting.front();
            end(waiter);
            waiter.time_is_over(static_cast<Kind>(kind));
        }
    }
}

TimeOuts::Waiter* TimeOuts::longest(Kind kind) const {
    return list(kind).empty() ? nullptr : list(kind).front();
}

}  // namespace kiln::net
