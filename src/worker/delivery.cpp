#include "worker/delivery.hpp"

#include "base/backoff.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::worker {

namespace {

using std::chrono::seconds;

constexpr seconds kMargin{60};
constexpr seconds kFirstDelay{10};
constexpr seconds kLongestDelay{600};

Error gave_up(const Delivery& delivery, std::int64_t max_receives) {
    const auto reason = ports::failure_reason(delivery.last_result);
    return Error{
        ErrorKind::unavailable,
        fmt::format(
            "the request was given up: it was received {} times and no attempt came to an end{}",
            max_receives,
            reason.empty() ? "" : "; the last one: " + reason
        )}
        .hint("it lies in the queue of dead letters; a redrive of that is a new bake");
}

Error too_late(seconds left, seconds deadline, seconds least) {
    const auto how =
        left.count() > 0
            ? fmt::format("{} s of its deadline of {} s are left", left.count(), deadline.count())
            : fmt::format("its deadline of {} s passed {} s ago", deadline.count(), -left.count());
    return Error{
        ErrorKind::timed_out,
        fmt::format("the request came too late: {}; at least {} s are wanted", how, least.count())}
        .hint("send it again, raise deadline_seconds, or run more bakers");
}

}  // namespace

std::int64_t next_attempt(std::int64_t known, std::int64_t receives) noexcept {
    return std::max(known + 1, receives);
}

Verdict judge(const Delivery& delivery, const DeliveryLimits& limits) {
    switch (delivery.state) {
        case ports::BakeState::running:
            return Settle{};
        case ports::BakeState::succeeded:
        case ports::BakeState::failed:
        case ports::BakeState::cancelled:
        case ports::BakeState::interrupted:
            return TellAgain{};
        case ports::BakeState::queued:
            break;
    }
    if (delivery.malformed) {
        return Refuse{*delivery.malformed};
    }
    if (delivery.receives > limits.max_receives) {
        return GiveUp{gave_up(delivery, limits.max_receives)};
    }
    const auto left = std::chrono::floor<seconds>(delivery.sent + delivery.deadline - delivery.now);
    if (left < limits.min_time_left) {
        return Refuse{too_late(left, delivery.deadline, limits.min_time_left)};
    }
    // A sender whose clock is ahead gets no more than it asked for.
    return Bake{
        next_attempt(delivery.attempt, delivery.receives), std::min(left, delivery.deadline)};
}

seconds visibility_for(seconds time_left) noexcept {
    return std::min(std::max(time_left, seconds{0}) + kMargin, ports::kLongestVisibility);
}

seconds retry_delay(std::int64_t receives, std::optional<seconds> retry_after, double jitter) {
    constexpr std::int64_t kMostDoublings = 30;
    const auto failures = std::clamp<std::int64_t>(receives - 1, 0, kMostDoublings);
    const auto after = retry_after ? std::optional<Duration>{*retry_after} : std::nullopt;
    const auto delay =
        backoff(static_cast<unsigned>(failures), kFirstDelay, kLongestDelay, jitter, after);
    return std::clamp(std::chrono::ceil<seconds>(delay), seconds{1}, ports::kLongestVisibility);
}

}  // namespace kiln::worker
