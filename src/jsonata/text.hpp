#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

// Texts are UTF-8. A lone surrogate, which JavaScript's strings may have, is its three bytes.

/// Bytes of the code point at `at`; 1 where there is none. @param at  < text.size()
[[nodiscard]] std::size_t code_point_length(std::string_view text, std::size_t at) noexcept;

/// The code point at `at`, or the byte itself where there is none.
[[nodiscard]] std::uint32_t code_point_at(std::string_view text, std::size_t at) noexcept;

[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// Where each code point starts, and the end.
[[nodiscard]] std::vector<std::size_t> code_point_starts(std::string_view text);

[[nodiscard]] std::vector<std::uint32_t> code_points(std::string_view text);

void append_code_point(std::string& out, std::uint32_t code);

/// Appends a UTF-16 unit: joined to a high surrogate at the end of `out` if it is a low one.
void append_utf16(std::string& out, std::uint32_t unit);

/// UTF-16 units in the first `bytes` bytes.
[[nodiscard]] std::size_t utf16_length(std::string_view text) noexcept;

/// The byte at which UTF-16 unit `unit` stands; the end if there is none.
[[nodiscard]] std::size_t byte_of_utf16(std::string_view text, std::size_t unit) noexcept;

/// The order of UTF-16 units, which is JavaScript's. Below 0, 0, above 0.
[[nodiscard]] int compare_utf16(std::string_view left, std::string_view right) noexcept;

[[nodiscard]] bool has_lone_surrogate(std::string_view text) noexcept;

[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);

}  // namespace kiln::jsonata
