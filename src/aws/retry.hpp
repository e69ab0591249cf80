#pragma once

#include "aws/service_failure.hpp"
#include "base/guarded.hpp"
#include "base/time.hpp"

#include <optional>

/// The SDKs' standard retry mode. Pure but for the shared quota.
/// Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
namespace kiln::aws {

inline constexpr unsigned kMostAttempts = 3;
inline constexpr Duration kFirstPause = std::chrono::seconds{1};
inline constexpr Duration kLongestPause = std::chrono::seconds{20};

/// What all calls of a client together may spend on retries, so that a service that is down is not
/// asked three times as often. Safe from several threads.
class RetryQuota {
  public:
    static constexpr int kCapacity = 500;
    static constexpr int kRetryCost = 5;
    static constexpr int kTimeOutCost = 10;

    /// False: spent; no retry.
    [[nodiscard]] bool take(int cost);
    /// A call succeeded; `cost` is what its last retry took, 0: none was needed.
    void give_back(int cost);

  private:
    Guarded<int> left_{kCapacity};
};

/// The pause before the next attempt.
/// @param failures  so far, from 1
/// @param jitter    in [0, 1]
[[nodiscard]] Duration retry_pause(
    unsigned failures, double jitter, std::optional<std::chrono::seconds> retry_after
);

/// The service's clock less ours, when they are so far apart that signatures fail; nullopt: near
/// enough.
[[nodiscard]] std::optional<Duration> clock_offset(
    TimePoint ours, std::optional<TimePoint> service
);

}  // namespace kiln::aws
