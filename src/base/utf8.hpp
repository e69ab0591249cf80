#pragma once

#include <string>
#include <string_view>

namespace kiln {

[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// The text with every byte that is not part of valid UTF-8, and every NUL, replaced by U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes);

/// The largest length up to `limit` that does not split a UTF-8 sequence.
[[nodiscard]] std::size_t utf8_floor(std::string_view text, std::size_t limit) noexcept;

}  // namespace kiln
