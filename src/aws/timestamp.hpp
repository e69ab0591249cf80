#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::aws {

/// ISO 8601's basic format, to the second, as signatures have it: "20150830T123600Z".
[[nodiscard]] std::string format_basic_time(TimePoint time);

/// nullopt: not exactly that.
[[nodiscard]] std::optional<TimePoint> parse_basic_time(std::string_view text);

/// HTTP's Date: "Sun, 06 Nov 1994 08:49:37 GMT". nullopt: not exactly that.
[[nodiscard]] std::optional<TimePoint> parse_http_date(std::string_view text);

}  // namespace kiln::aws
