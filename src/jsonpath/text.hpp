#pragma once

#include "base/json.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace kiln::jsonpath {

/// A number as Java prints it: 1.1, 100.0, 1.0E10, 1.0E-5; whole numbers of JSON as they are.
[[nodiscard]] std::string number_text(const json::value& number);

/// JSON without blanks, as AWS quotes it: numbers as `number_text`.
[[nodiscard]] std::string compact_text(const json::value& value);

/// As Java prints a map or a list within a text: {Arg1=1, Arg2=[]}; a string is itself.
/// What States.Format puts in for an argument.
[[nodiscard]] std::string plain_text(const json::value& value);

/// Compares exactly where both are whole, else as doubles.
[[nodiscard]] std::partial_ordering compare_numbers(
    const json::value& left, const json::value& right
) noexcept;

/// Java's length of a text: UTF-16 units.
[[nodiscard]] std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace kiln::jsonpath
