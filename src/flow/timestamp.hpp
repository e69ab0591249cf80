#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kiln::flow {

/// A moment as a timestamp says it.
struct Instant {
    std::int64_t seconds = 0;  ///< since 1970, UTC
    std::int64_t nanoseconds = 0;

    auto operator<=>(const Instant&) const = default;
};

/// ISO-8601's extended date-time with an offset, as AWS takes it: "2016-03-14T01:59:00Z",
/// "2016-03-14T01:59:00.123+01:00"; an upper-case T, seconds may be left out, up to 9 digits of a
/// fraction. nullopt: it is something else.
[[nodiscard]] std::optional<Instant> parse_timestamp(std::string_view text) noexcept;

}  // namespace kiln::flow
