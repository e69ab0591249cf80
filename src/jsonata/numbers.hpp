#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jsonata {

/// Appends a finite number as JavaScript prints it: the shortest digits that read back the same,
/// with an exponent from 1e21 and below 1e-6.
void append_number(std::string& out, double number);

[[nodiscard]] std::string number_text(double number);

/// Reads a decimal number that has the right form; infinite where it is beyond a double.
[[nodiscard]] double parse_number(std::string_view text);

/// The number to 15 significant digits, as `$string` shows it.
[[nodiscard]] double to_precision_15(double number);

/// Rounds to `precision` decimal places (below 0: tens, hundreds, …), halves to the even digit.
[[nodiscard]] double round_number(double number, int precision);

/// JavaScript's `toFixed`, of a number that is not negative.
[[nodiscard]] std::string fixed(double number, int places);

/// JavaScript's `parseInt` to base ten: leading digits, nullopt without any.
[[nodiscard]] std::optional<double> leading_integer(std::string_view text);

}  // namespace kiln::jsonata
