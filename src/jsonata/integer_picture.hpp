#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::jsonata {

/// How an integer is written: what a picture of XPath's `format-integer` says.
struct IntegerPicture {
    enum class Form { decimal, letters, roman, words, sequence };
    enum class Case { upper, lower, title };

    struct Separator {
        std::size_t position = 0;  ///< digits behind it
        std::uint32_t character = 0;
    };

    Form form = Form::decimal;
    Case letter_case = Case::lower;
    bool ordinal = false;
    std::uint32_t zero = '0';  ///< the digit nought of the digits in use
    std::size_t mandatory_digits = 0;
    std::size_t optional_digits = 0;
    bool regular = false;  ///< the one separator stands every `position` digits
    std::vector<Separator> separators;
    std::string token;  ///< the picture of a sequence, which is not supported
};

/// @throws Failure  D3131: digits of two scripts
[[nodiscard]] IntegerPicture read_integer_picture(std::string_view picture);

/// @param value  whole
/// @throws Failure  D3130: a numbering sequence
[[nodiscard]] std::string format_integer(double value, const IntegerPicture& picture);

/// nullopt: no number stands there.
/// @throws Failure  D3130
[[nodiscard]] std::optional<double> parse_integer(
    std::string_view text, const IntegerPicture& picture
);

/// A pattern that what `parse_integer` reads matches.
/// @param width  the exact number of digits; below 1: any
/// @throws Failure  D3130
[[nodiscard]] std::string integer_pattern(const IntegerPicture& picture, int width);

}  // namespace kiln::jsonata
