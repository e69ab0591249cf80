#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace kiln {

/// A moment, UTC, to the microsecond: what is stored and shown.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// RFC 3339 with milliseconds: "2026-11-21T02:51:00.123Z".
[[nodiscard]] std::string format_time(TimePoint time);

/// Reads what `format_time` writes, with any number of fraction digits (microseconds are kept).
/// @throws Error  invalid: not an RFC 3339 time in UTC
[[nodiscard]] TimePoint parse_time(std::string_view text);

/// A duration flag: a whole number with a unit, "500ms", "90s", "15m", "2h", "7d".
/// @throws Error  invalid: no unit, unknown unit, negative, or beyond 10,000 days
[[nodiscard]] Duration parse_duration(std::string_view text);

/// The shortest exact form that `parse_duration` reads: "90s", "1500ms".
[[nodiscard]] std::string format_duration(Duration duration);

/// For people: "1.2 s", "35 ms", "4 min 10 s".
[[nodiscard]] std::string humanize(Duration duration);

/// Seconds as JSON wants them: 0.123.
[[nodiscard]] constexpr double seconds_of(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace kiln
