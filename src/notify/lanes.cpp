#include "notify/lanes.hpp"

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

#include <algorithm>

namespace kiln::notify {

namespace {

constexpr Duration kFirstPause = std::chrono::seconds{2};
constexpr Duration kLongestPause = std::chrono::minutes{1};
/// Rows of other processes come without a call of `wake`.
constexpr Duration kLook = std::chrono::seconds{5};

/// A step, whatever the store does: a lane does not end before it is asked to.
Sender::Step step_or_failure(Sender& sender, const std::stop_token& stop) {
    try {
        return sender.step(stop);
    } catch (const std::exception& error) {
        log_warning("the outbox of notifications fails, tried again", {{"error", error.what()}});
        return {Sender::Did::failed, std::nullopt};
    }
}

}  // namespace

Lanes::Lanes(std::vector<Sender> senders) : senders_{std::move(senders)} {
    for (auto& sender : senders_) {
        threads_.emplace_back([this, &sender](const std::stop_token& stop) { run(sender, stop); });
    }
}

Lanes::~Lanes() {
    for (auto& thread : threads_) {
        thread.request_stop();
    }
    threads_.clear();
}

void Lanes::wake() {
    ++*woken_.lock();
    wakes_.notify_all();
}

void Lanes::run(Sender& sender, const std::stop_token& stop) {
    unsigned failures = 0;
    while (!stop.stop_requested()) {
        const auto seen = *woken_.lock();
        const auto step = step_or_failure(sender, stop);
        switch (step.did) {
            case Sender::Did::sent:
                failures = 0;
                break;
            case Sender::Did::failed:
                wait(
                    backoff(failures++, kFirstPause, kLongestPause, random_jitter()),
                    Wakeable::no,
                    seen,
                    stop
                );
                break;
            case Sender::Did::nothing:
                wait(kLook, Wakeable::yes, seen, stop);
                break;
        }
    }
}

void Lanes::wait(
    Duration span, Wakeable wakeable, std::uint64_t seen, const std::stop_token& stop
) {
    auto woken = woken_.lock();
    wakes_.wait_for(woken.raw(), stop, span, [&] {
        return wakeable == Wakeable::yes && *woken != seen;
    });
}

}  // namespace kiln::notify
