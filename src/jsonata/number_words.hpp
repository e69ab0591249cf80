#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jsonata {

/// "Twelve Thousand, Three Hundred and Forty-Five". @param value  whole, not negative
[[nodiscard]] std::string number_to_words(double value, bool ordinal);

/// Reads what `number_to_words` writes, in lower case. nullopt: a word is unknown.
[[nodiscard]] std::optional<double> words_to_number(std::string_view text);

/// All words, in lower case, as alternatives of a pattern.
[[nodiscard]] std::string number_words_pattern();

/// @param value  whole
[[nodiscard]] std::string to_roman(double value);
[[nodiscard]] double from_roman(std::string_view text);

/// A, B, … Z, AA, … @param first  'A' or 'a'
[[nodiscard]] std::string to_letters(double value, char first);
[[nodiscard]] double from_letters(std::string_view text, char first);

}  // namespace kiln::jsonata
