#pragma once

#include "base/error.hpp"
#include "ports/notification_store.hpp"

namespace kiln::notify {

/// How often one notification is tried on one channel.
struct RetryPolicy {
    std::int64_t attempts = 12;
    Duration first = std::chrono::seconds{5};     ///< the first pause is up to so long
    Duration longest = std::chrono::minutes{30};  ///< doubled up to this
    /// More than this is not waited for the other side's sake.
    Duration longest_asked = std::chrono::hours{12};
};

/// The row of an attempt that succeeded. Pure.
[[nodiscard]] ports::NotificationRow after_success(ports::NotificationRow row, TimePoint now);

/// The row of an attempt that failed: waiting again, or failed where another attempt would be too
/// many or no good. Pure. @param jitter  in [0, 1]
[[nodiscard]] ports::NotificationRow after_failure(
    ports::NotificationRow row,
    const Error& error,
    TimePoint now,
    double jitter,
    const RetryPolicy& policy
);

}  // namespace kiln::notify
