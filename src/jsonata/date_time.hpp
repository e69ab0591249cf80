#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jsonata {

/// @param millis  since 1970
/// @param picture  of XPath's `format-dateTime`; none: ISO 8601
/// @param zone  "+0130"; none: UTC
/// @throws Failure  D3131 to D3135; D1001: no such moment
[[nodiscard]] std::string format_date_time(
    double millis, std::optional<std::string_view> picture, std::optional<std::string_view> zone
);

/// Milliseconds since 1970, or nullopt: the text does not match the picture.
/// @param now  gives the larger parts that the picture does not name
/// @throws Failure  D3136: the picture leaves out a part in the middle; D3132, D3133, D3135
[[nodiscard]] std::optional<double> parse_date_time(
    std::string_view text, std::string_view picture, double now
);

/// @throws Failure  D3110: not of ISO 8601's form
[[nodiscard]] std::optional<double> parse_iso_8601(std::string_view text);

/// The names of a month (1 to 12) and of a day of the week (1 Monday to 7 Sunday).
[[nodiscard]] std::string_view month_name(int month);
[[nodiscard]] std::string_view weekday_name(int weekday);

}  // namespace kiln::jsonata
