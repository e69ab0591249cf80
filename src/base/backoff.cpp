#include "base/backoff.hpp"

#include <algorithm>

namespace kiln {

Duration backoff(
    unsigned attempt,
    Duration base,
    Duration cap,
    double jitter,
    std::optional<Duration> retry_after
) {
    constexpr unsigned kEnoughDoublings = 63;
    auto widest = std::min(base, cap);
    attempt = std::min(attempt, kEnoughDoublings);
    for (; attempt > 0 && widest < cap; --attempt) {
        widest = widest > cap / 2 ? cap : widest * 2;
    }
    const auto share = std::clamp(jitter, 0.0, 1.0) * static_cast<double>(widest.count());
    return retry_after.value_or(Duration{0}) + Duration{static_cast<Duration::rep>(share)};
}

}  // namespace kiln
