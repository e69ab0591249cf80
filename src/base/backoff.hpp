#pragma once

#include "base/time.hpp"

#include <optional>

namespace kiln {

/// How long to wait before the next attempt. Pure: the caller brings the randomness.
///
/// Full jitter: a share `jitter` of `base`, doubled with each attempt up to `cap`. What the other
/// side asked for (`retry_after`) is a floor that the jitter spreads above, so that those who were
/// turned away together do not come back together.
/// @param attempt  failures before this one, from 0
/// @param jitter   in [0, 1], `random_jitter()`
[[nodiscard]] Duration backoff(
    unsigned attempt,
    Duration base,
    Duration cap,
    double jitter,
    std::optional<Duration> retry_after = std::nullopt
);

}  // namespace kiln
