#include "api/event_loop.hpp"

#include "base/log.hpp"
#include "net/event_stream.hpp"

#include <array>

#include <poll.h>
#include <unistd.h>

namespace kiln::api {

namespace {

constexpr std::size_t kPage = 50;
/// A client with so much unsent is waited for. An event's frame is well below the rest of the
/// server's limit for a stream.
constexpr std::size_t kEnoughUnsent = std::size_t{256} << 10;

bool is_over(ports::BakeState state) {
    return state != ports::BakeState::queued && state != ports::BakeState::running;
}

}  // namespace

EventHub::Loop::Loop(
    EventHub& hub,
    ports::BakeStore& bakes,
    std::filesystem::path run_folder,
    EventHubSettings settings
)
    : hub_{hub},
      bakes_{bakes},
      run_folder_{std::move(run_folder)},
      settings_{settings},
      run_watch_{watches_.add(run_folder_)} {}

void EventHub::Loop::run() {
    while (const auto changed = wait()) {
        for (const auto& bake : *changed) {
            look_at(bake);
        }
    }
    for (auto& [bake, topic] : topics_) {
        for (auto& follower : topic.followers) {
            follower.stream.close();
        }
    }
}

Deadline EventHub::Loop::next_due() const {
    auto due = Clock::time_point::max();
    for (const auto& [bake, topic] : topics_) {
        for (const auto& follower : topic.followers) {
            due = std::min(due, follower.written + settings_.keep_alive);
        }
    }
    return due == Clock::time_point::max() ? Deadline::never()
                                           : Deadline::after(due - Clock::now());
}

std::optional<std::set<BakeId>> EventHub::Loop::wait() {
    std::array<pollfd, 2> ready{
        pollfd{hub_.wake_->get(), POLLIN, 0}, pollfd{watches_.fd(), POLLIN, 0}};
    (void)::poll(ready.data(), ready.size(), next_due().poll_timeout());
    std::set<BakeId> changed;
    std::uint64_t times = 0;
    if (::read(hub_.wake_->get(), &times, sizeof times) > 0) {
        changed.merge(std::exchange(full_, {}));
    }
    if (!take_inbox(changed)) {
        return std::nullopt;
    }
    take_changes(changed);
    take_due(changed, Clock::now());
    return changed;
}

bool EventHub::Loop::take_inbox(std::set<BakeId>& changed) {
    Inbox taken;
    {
        auto inbox = hub_.inbox_.lock();
        taken.arrived = std::exchange(inbox->arrived, {});
        taken.poked = std::exchange(inbox->poked, {});
        taken.closed = inbox->closed;
    }
    for (auto& [bake, follower] : taken.arrived) {
        follower.written = Clock::now();
        topics_[bake].followers.push_back(std::move(follower));
        changed.insert(bake);
    }
    changed.merge(taken.poked);
    return !taken.closed;
}

void EventHub::Loop::take_changes(std::set<BakeId>& changed) {
    const auto changes = watches_.take();
    const bool jobs = changes.all || (run_watch_ && changes.watches.contains(*run_watch_));
    for (const auto& [bake, topic] : topics_) {
        const bool own = topic.watch && changes.watches.contains(*topic.watch);
        if (own || changes.all || (jobs && !topic.watch)) {
            changed.insert(bake);
        }
    }
}

void EventHub::Loop::take_due(std::set<BakeId>& changed, Clock::time_point now) {
    for (auto& [bake, topic] : topics_) {
        for (auto& follower : topic.followers) {
            if (follower.written + settings_.keep_alive <= now) {
                if (follower.shape == Shape::events) {
                    (void)follower.stream.write(net::comment_frame("alive"));
                }
                follower.written = now;
                changed.insert(bake);
            }
        }
    }
}

void EventHub::Loop::look_at(const BakeId& bake) {
    const auto found = topics_.find(bake);
    if (found == topics_.end()) {
        return;
    }
    try {
        update(bake, found->second);
    } catch (const std::exception& error) {
        log_warning(
            "events not read; tried again soon", {{"bake", bake.str()}, {"error", error.what()}}
        );
    }
    if (found->second.followers.empty()) {
        drop(bake);
    }
}

void EventHub::Loop::update(const BakeId& bake, Topic& topic) {
    bool over = true;  // of a bake that was forgotten nothing comes any more
    try {
        const auto record = bakes_.get(bake);  // before its events: an end is never missed
        over = is_over(record.state);
        watch(topic, record);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    const auto before = topic.followers.size();
    std::erase_if(topic.followers, [&](Follower& follower) {
        const auto wants = hand_over(bake, follower, over);
        if (wants == Wants::room) {
            full_.insert(bake);
            follower.stream.when_drained([wake = hub_.wake_] {
                const std::uint64_t one = 1;
                (void)!::write(wake->get(), &one, sizeof one);
            });
        }
        return wants == Wants::nothing;
    });
    hub_.followers_ -= before - topic.followers.size();
}

void EventHub::Loop::watch(Topic& topic, const ports::BakeRecord& record) {
    if (record.state != ports::BakeState::running || (topic.watch && topic.job == record.job)) {
        return;
    }
    if (topic.watch) {
        watches_.remove(*topic.watch);
    }
    topic.job = record.job;
    topic.watch = watches_.add(run_folder_ / record.job.str());
}

EventHub::Loop::Wants EventHub::Loop::hand_over(const BakeId& bake, Follower& follower, bool over) {
    for (;;) {
        const auto events = bakes_.events(bake, follower.after, kPage);
        for (const auto& event : events) {
            if (follower.stream.unsent() > kEnoughUnsent) {
                return Wants::room;
            }
            if (!follower.stream.write(shown(bake, event, follower.shape))) {
                return Wants::nothing;
            }
            follower.after = event.place();
            follower.written = Clock::now();
            if (event.final) {
                follower.stream.close();
                return Wants::nothing;
            }
        }
        if (events.size() < kPage) {
            break;
        }
    }
    over = over || follower.until == Until::now;
    if (over) {
        follower.stream.close();
    }
    return over || !follower.stream.open() ? Wants::nothing : Wants::more;
}

void EventHub::Loop::drop(const BakeId& bake) {
    const auto& topic = topics_.at(bake);
    if (topic.watch) {
        watches_.remove(*topic.watch);
    }
    full_.erase(bake);
    topics_.erase(bake);
}

}  // namespace kiln::api
