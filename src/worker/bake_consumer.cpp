#include "worker/bake_consumer.hpp"

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "worker/dead_letters.hpp"

#include <thread>
#include <vector>

namespace kiln::worker {

namespace {

/// A request that was received and not yet looked at comes back after this, should we die.
constexpr std::chrono::seconds kClaim{60};
constexpr std::chrono::seconds kPoll{20};  ///< SQS' longest
constexpr std::chrono::minutes kLookAfterTheLost{5};
constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{60};

}  // namespace

void BakeConsumer::run(const std::stop_token& stop, const std::stop_token& at_once) {
    std::stop_source abandon;
    std::vector<std::jthread> threads;
    {
        const std::lock_guard lock{mutex_};
        taking_ = bakery_.settings.concurrency;
    }
    for (std::size_t i = 0; i < bakery_.settings.concurrency; ++i) {
        threads.emplace_back([&, i, token = abandon.get_token()] {
            take_turns(i == 0 ? Duty::the_lost_too : Duty::requests, stop, token);
            const std::lock_guard lock{mutex_};
            --taking_;
            changed_.notify_all();
        });
    }
    wait_for_drain(stop, at_once);
    abandon.request_stop();
}

void BakeConsumer::wait_for_drain(const std::stop_token& stop, const std::stop_token& at_once) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [&] { return taking_ == 0; });
    changed_.wait_for(lock, at_once, bakery_.settings.drain, [&] { return taking_ == 0; });
}

void BakeConsumer::take_turns(
    Duty duty, const std::stop_token& stop, const std::stop_token& abandon
) {
    std::optional<TimePoint> looked;
    for (unsigned failures = 0; !stop.stop_requested();) {
        try {
            const auto now = bakery_.clock.now();
            if (duty == Duty::the_lost_too &&
                (!looked || now < *looked || now - *looked >= kLookAfterTheLost)) {
                looked = now;
                look_after_the_lost(stop);
            }
            for (auto& message : receive(stop)) {
                serve(std::move(message), abandon);
            }
            failures = 0;
        } catch (const std::exception& error) {
            const auto wait = std::max<Duration>(
                backoff(failures++, kFirstPause, kLongestPause, random_jitter()), kFirstPause
            );
            log_warning(
                "bake requests are not served, trying again",
                {{"queue", bakery_.requests.shown()},
                 {"in", humanize(wait)},
                 {"error", error.what()}}
            );
            (void)bakery_.pause(wait, stop);
        }
    }
}

void BakeConsumer::look_after_the_lost(const std::stop_token& stop) {
    try {
        (void)expire_waiting(bakery_);
        (void)report_dead_letters(bakery_, stop);
    } catch (const Error& error) {
        log_debug("dead letters", {{"queue", bakery_.requests.shown()}, {"error", error.what()}});
    }
}

std::vector<ports::ReceivedMessage> BakeConsumer::receive(const std::stop_token& stop) {
    return bakery_.queues(bakery_.requests)
        .receive(bakery_.requests.name, {.at_most = 1, .wait = kPoll, .visibility = kClaim}, stop);
}

void BakeConsumer::serve(ports::ReceivedMessage message, const std::stop_token& abandon) {
    ++running_;
    try {
        Serving serving{bakery_, leases_, std::move(message)};
        serving.serve(abandon);
    } catch (...) {
        --running_;
        throw;
    }
    --running_;
    ++served_;
}

}  // namespace kiln::worker
