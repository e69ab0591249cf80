#include "aws/retry.hpp"

#include "base/backoff.hpp"

#include <algorithm>

namespace kiln::aws {

namespace {

/// Services allow 5 to 15 minutes; the SDKs correct beyond 4.
constexpr Duration kClockTolerance = std::chrono::minutes{4};

}  // namespace

bool RetryQuota::take(int cost) {
    auto left = left_.lock();
    if (*left < cost) {
        return false;
    }
    *left -= cost;
    return true;
}

void RetryQuota::give_back(int cost) {
    auto left = left_.lock();
    *left = std::min(*left + std::max(cost, 1), kCapacity);
}

Duration retry_pause(
    unsigned failures, double jitter, std::optional<std::chrono::seconds> retry_after
) {
    std::optional<Duration> floor;
    if (retry_after) {
        floor = std::min<Duration>(*retry_after, kLongestPause);
    }
    return backoff(std::max(failures, 1U) - 1, kFirstPause, kLongestPause, jitter, floor);
}

std::optional<Duration> clock_offset(TimePoint ours, std::optional<TimePoint> service) {
    if (!service || std::chrono::abs(*service - ours) < kClockTolerance) {
        return std::nullopt;
    }
    return *service - ours;
}

}  // namespace kiln::aws
