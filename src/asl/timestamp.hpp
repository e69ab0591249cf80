#pragma once

#include <string_view>

/// Timestamps as the States Language writes them.
namespace kiln::asl {

/// RFC 3339 with an upper-case T, and an upper-case Z or an offset: "2016-03-14T01:59:00Z",
/// "2016-03-14T01:59:00.5+01:00". The day exists, and the time of day does.
[[nodiscard]] bool is_timestamp(std::string_view text) noexcept;

}  // namespace kiln::asl
