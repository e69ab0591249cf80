#include "jsonata/format_number.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/number_picture.hpp"
#include "jsonata/numbers.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

/// The digits of a number that is not negative, in the script that the symbols name.
std::u32string digits_of(double number, int places, const NumberSymbols& symbols) {
    std::u32string out;
    for (const char letter : fixed(std::abs(number), places)) {
        const auto code = static_cast<char32_t>(letter);
        out += letter >= '0' && letter <= '9' ? symbols.zero + (code - U'0') : code;
    }
    return out;
}

/// The number as mantissa and exponent, so that the mantissa has as many digits as the picture.
int scale(double& mantissa, const NumberPicture& picture) {
    const auto largest = std::pow(10, static_cast<double>(picture.scaling));
    const auto smallest = std::pow(10, static_cast<double>(picture.scaling) - 1);
    int exponent = 0;
    const bool movable = mantissa > 0;
    while (movable && mantissa < smallest) {
        mantissa *= 10;
        --exponent;
    }
    while (movable && mantissa > largest) {
        mantissa /= 10;
        ++exponent;
    }
    return exponent;
}

/// Without outer zeros, then with as many as the picture asks for.
std::u32string padded(
    std::u32string text, const NumberPicture& picture, const NumberSymbols& symbols
) {
    const auto first = text.find_first_not_of(symbols.zero);
    text.erase(0, first);
    const auto last = text.find_last_not_of(symbols.zero);
    text.resize(last + 1);
    const auto point = text.find(symbols.decimal);
    if (picture.integer_size > point) {
        text.insert(0, picture.integer_size - point, symbols.zero);
    }
    const auto places = text.size() - text.find(symbols.decimal) - 1;
    if (picture.fraction_least > places) {
        text.append(picture.fraction_least - places, symbols.zero);
    }
    return text;
}

void insert_separators(
    std::u32string& text, const NumberPicture& picture, const NumberSymbols& symbols
) {
    auto point = text.find(symbols.decimal);
    const auto insert = [&](std::size_t at) {
        text.insert(std::min(at, text.size()), symbols.grouping);
    };
    if (picture.regular > 0 && point > 0) {
        const auto groups = (point - 1) / picture.regular;
        for (std::size_t group = 1; group <= groups; ++group) {
            insert(point - group * picture.regular);
        }
    } else if (picture.regular == 0) {
        for (const auto position : picture.integer_groups) {
            insert(point > position ? point - position : 0);
            ++point;
        }
    }
    point = text.find(symbols.decimal);
    for (const auto position : picture.fraction_groups) {
        insert(position + point + 1);
    }
}

std::u32string formatted(double value, const NumberPicture& picture, const NumberSymbols& symbols) {
    auto mantissa = value;
    if (picture.text.find(symbols.percent) != std::u32string::npos) {
        mantissa *= 100;
    } else if (picture.text.find(symbols.per_mille) != std::u32string::npos) {
        mantissa *= 1000;
    }
    const bool scientific = picture.exponent_size > 0;
    const auto exponent = scientific ? scale(mantissa, picture) : 0;
    const auto places = static_cast<int>(std::min<std::size_t>(picture.fraction_most, 100));
    auto text = digits_of(round_number(mantissa, places), places, symbols);
    const auto point = text.find(U'.');
    if (point == std::u32string::npos) {
        text += symbols.decimal;
    } else {
        text.replace(point, 1, symbols.decimal);
    }
    text = padded(std::move(text), picture, symbols);
    insert_separators(text, picture, symbols);
    const bool bare = text.find(symbols.decimal) + symbols.decimal.size() == text.size();
    if (bare || picture.text.find(symbols.decimal) == std::u32string::npos) {
        text.pop_back();
    }
    if (scientific) {
        auto digits = digits_of(exponent, 0, symbols);
        if (digits.size() < picture.exponent_size) {
            digits.insert(0, picture.exponent_size - digits.size(), symbols.zero);
        }
        text += symbols.exponent + (exponent < 0 ? symbols.minus : U"") + digits;
    }
    return picture.prefix + text + picture.suffix;
}

}  // namespace

std::string format_number(double value, std::string_view picture, Value options) {
    const auto symbols = read_symbols(options);
    const auto pictures = read_number_pictures(picture, symbols);
    if (!std::isfinite(value)) {
        throw Failure{"D1001"}.about("null");
    }
    return to_utf8_text(formatted(value, value >= 0 ? pictures.first : pictures.second, symbols));
}

}  // namespace kiln::jsonata
