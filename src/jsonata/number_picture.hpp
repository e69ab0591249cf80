#pragma once

#include "jsonata/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::jsonata {

/// The characters that have a meaning in a number's picture.
struct NumberSymbols {
    std::u32string decimal = U".";
    std::u32string grouping = U",";
    std::u32string exponent = U"e";
    std::u32string minus = U"-";
    std::u32string percent = U"%";
    std::u32string per_mille = U"\u2030";
    std::u32string digit = U"#";
    std::u32string pattern = U";";
    char32_t zero = U'0';

    [[nodiscard]] bool is_digit(char32_t letter) const {
        return letter >= zero && letter < zero + 10;
    }

    /// Has the character a meaning?
    [[nodiscard]] bool is_active(char32_t letter) const;
};

/// What one picture says.
struct NumberPicture {
    std::u32string text;
    std::u32string prefix;
    std::u32string suffix;
    std::vector<std::size_t> integer_groups;   ///< digits behind each separator
    std::size_t regular = 0;                   ///< digits between separators, 0: not always as many
    std::vector<std::size_t> fraction_groups;  ///< digits before each separator
    std::size_t integer_size = 0;
    std::size_t scaling = 0;
    std::size_t fraction_least = 0;
    std::size_t fraction_most = 0;
    std::size_t exponent_size = 0;
};

/// @param options  an object that renames symbols, or undefined
[[nodiscard]] NumberSymbols read_symbols(Value options);

/// The pictures for numbers from 0 and below 0. @throws Failure  D3080 to D3093
[[nodiscard]] std::pair<NumberPicture, NumberPicture> read_number_pictures(
    std::string_view picture, const NumberSymbols& symbols
);

[[nodiscard]] std::string to_utf8_text(const std::u32string& text);

}  // namespace kiln::jsonata
