#include "worker/lease_keeper.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace kiln::worker {

namespace {

using Clock = Deadline::Clock;

/// What is to be done after a renewal that failed.
enum class Failed { lost, over, again };

Failed judge_failure(ErrorKind kind) {
    if (kind == ErrorKind::conflict || kind == ErrorKind::not_found) {
        return Failed::lost;
    }
    // SQS hides a message for 12 h in all: what is beyond is refused, and the rest of it stays.
    return kind == ErrorKind::invalid ? Failed::over : Failed::again;
}

}  // namespace

LeaseKeeper::LeaseKeeper(std::int64_t renewals)
    : renewals_{renewals}, thread_{[this] { renew_loop(); }} {}

LeaseKeeper::~LeaseKeeper() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

LeaseKeeper::Lease::~Lease() {
    keeper_.let_go(number_);
}

LeaseKeeper::Lease LeaseKeeper::keep(
    std::chrono::milliseconds visibility, Extend extend, std::function<void()> lost
) {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock{mutex_};
        number = ++last_number_;
        kept_.emplace(
            number,
            Kept{
                Clock::now() + std::chrono::nanoseconds{visibility} / renewals_,
                visibility,
                std::move(extend),
                std::move(lost)}
        );
    }
    changed_.notify_all();
    return Lease{*this, number};
}

void LeaseKeeper::let_go(std::uint64_t number) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return busy_ != number; });
    kept_.erase(number);
}

void LeaseKeeper::renew_loop() {
    std::unique_lock lock{mutex_};
    while (!closing_) {
        const auto first =
            std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
                return a.second.next < b.second.next;
            });
        if (first == kept_.end()) {
            changed_.wait(lock);
        } else if (const auto next = first->second.next; next > Clock::now()) {
            changed_.wait_until(lock, next);
        } else {
            renew(first->first, lock);
        }
    }
}

void LeaseKeeper::renew(std::uint64_t number, std::unique_lock<std::mutex>& lock) {
    auto& kept = kept_.at(number);  // stays while it is busy
    busy_ = number;
    lock.unlock();
    auto wait = std::chrono::nanoseconds{kept.visibility} / renewals_;
    try {
        kept.extend(std::chrono::ceil<std::chrono::seconds>(kept.visibility));
    } catch (const Error& error) {
        switch (judge_failure(error.kind())) {
            case Failed::lost:
                kept.lost();
                wait = kForever;
                break;
            case Failed::over:
                wait = kForever;
                break;
            case Failed::again:
                log_warning(
                    "a message's visibility is not extended, trying again",
                    {{"error", error.what()}}
                );
                wait = std::min<std::chrono::nanoseconds>(wait, kAgain);
                break;
        }
    } catch (const std::exception& error) {
        log_warning("a message's visibility is not extended", {{"error", error.what()}});
    }
    lock.lock();
    kept.next = Clock::now() + wait;
    busy_ = 0;
    changed_.notify_all();
}

}  // namespace kiln::worker
