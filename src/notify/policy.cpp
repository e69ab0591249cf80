#include "notify/policy.hpp"

#include "base/backoff.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace kiln::notify {

namespace {

constexpr std::size_t kMostKept = 1000;  ///< bytes of an error's message

}  // namespace

ports::NotificationRow after_success(ports::NotificationRow row, TimePoint now) {
    row.state = ports::NotificationState::sent;
    row.ended = now;
    return row;
}

ports::NotificationRow after_failure(
    ports::NotificationRow row,
    const Error& error,
    TimePoint now,
    double jitter,
    const RetryPolicy& policy
) {
    row.error = to_utf8(error.message());
    row.error.resize(utf8_floor(row.error, kMostKept));
    if (!retryable(error.kind()) || row.attempts >= policy.attempts) {
        row.state = ports::NotificationState::failed;
        row.ended = now;
        return row;
    }
    std::optional<Duration> floor;
    if (error.retry_after()) {
        floor = std::min<Duration>(*error.retry_after(), policy.longest_asked);
    }
    const auto failures = static_cast<unsigned>(std::max<std::int64_t>(row.attempts, 1) - 1);
    row.due = now + backoff(failures, policy.first, policy.longest, jitter, floor);
    return row;
}

}  // namespace kiln::notify
