#include "jsonata/integer_picture.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/number_words.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace kiln::jsonata {

namespace {

/// The digit nought of each script with decimal digits.
constexpr std::array<std::uint32_t, 37> kZeros{
    0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

using Picture = IntegerPicture;

std::optional<std::uint32_t> zero_of(std::uint32_t code) {
    const auto found = std::find_if(kZeros.begin(), kZeros.end(), [&](std::uint32_t zero) {
        return code >= zero && code <= zero + 9;
    });
    return found == kZeros.end() ? std::nullopt : std::optional{*found};
}

/// How many digits stand between separators, if it is always as many; else 0.
std::size_t regular_distance(const std::vector<Picture::Separator>& separators) {
    if (separators.empty()) {
        return 0;
    }
    std::size_t factor = 0;
    for (const auto& separator : separators) {
        if (separator.character != separators[0].character) {
            return 0;
        }
        factor = std::gcd(factor, separator.position);
    }
    for (std::size_t number = 1; number <= separators.size(); ++number) {
        const bool there =
            std::any_of(separators.begin(), separators.end(), [&](const auto& entry) {
                return entry.position == number * factor;
            });
        if (!there) {
            return 0;
        }
    }
    return factor;
}

void read_digits(Picture& out, std::string_view picture) {
    auto codes = code_points(picture);
    std::reverse(codes.begin(), codes.end());
    std::optional<std::uint32_t> zero;
    std::size_t digits = 0;
    for (const auto code : codes) {
        if (const auto found = zero_of(code)) {
            if (zero && *zero != *found) {
                throw Failure{"D3131"};
            }
            zero = found;
            ++out.mandatory_digits;
            ++digits;
        } else if (code == '#') {
            ++out.optional_digits;
            ++digits;
        } else {
            out.separators.push_back({digits, code});
        }
    }
    if (!zero) {
        out.form = Picture::Form::sequence;
        out.token = picture;
        return;
    }
    out.zero = *zero;
    const auto distance = regular_distance(out.separators);
    out.regular = distance > 0;
    if (out.regular) {
        out.separators = {{distance, out.separators[0].character}};
    }
}

std::string cased(std::string text, Picture::Case letter_case) {
    switch (letter_case) {
        case Picture::Case::upper:
            return upper(text);
        case Picture::Case::lower:
            return lower(text);
        case Picture::Case::title:
            break;
    }
    return text;
}

/// The digits with their separators, as code points.
std::vector<std::uint32_t> separated(const std::string& digits, const Picture& picture) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < digits.size(); ++at) {
        const auto behind = digits.size() - at;
        for (const auto& separator : picture.separators) {
            const bool here = picture.regular ? at > 0 && behind % separator.position == 0
                                              : behind == separator.position;
            if (here) {
                out.push_back(separator.character);
            }
        }
        const auto letter = static_cast<unsigned char>(digits[at]);
        out.push_back(letter >= '0' && letter <= '9' ? letter - '0' + picture.zero : letter);
    }
    return out;
}

std::string_view ordinal_suffix(const std::string& digits) {
    const auto size = digits.size();
    const char last = digits.back();
    if (size > 1 && digits[size - 2] == '1') {
        return "th";
    }
    return last == '1' ? "st" : last == '2' ? "nd" : last == '3' ? "rd" : "th";
}

std::string decimal(double value, const Picture& picture) {
    auto digits = number_text(value);
    if (digits.size() < picture.mandatory_digits) {
        digits.insert(0, picture.mandatory_digits - digits.size(), '0');
    }
    std::string out;
    for (const auto code : separated(digits, picture)) {
        append_code_point(out, code);
    }
    if (picture.ordinal) {
        out += ordinal_suffix(digits);
    }
    return out;
}

[[noreturn]] void refuse_sequence(const Picture& picture) {
    throw Failure{"D3130"}.about(json_text(picture.token));
}

std::optional<double> parse_decimal(std::string_view text, const Picture& picture) {
    if (picture.ordinal) {
        text.remove_suffix(std::min<std::size_t>(2, text.size()));
    }
    std::string digits;
    for (const auto code : code_points(text)) {
        const bool separator = std::any_of(
            picture.separators.begin(),
            picture.separators.end(),
            [&](const auto& entry) { return code == (picture.regular ? ',' : entry.character); }
        );
        if (!separator) {
            append_code_point(digits, code >= picture.zero ? code - picture.zero + '0' : code);
        }
    }
    return leading_integer(digits);
}

}  // namespace

IntegerPicture read_integer_picture(std::string_view picture) {
    Picture out;
    const auto mark = picture.rfind(';');
    const auto primary = picture.substr(0, mark);
    out.ordinal = mark != std::string_view::npos && picture.substr(mark + 1).starts_with('o');
    if (primary == "A" || primary == "a") {
        out.form = Picture::Form::letters;
    } else if (primary == "I" || primary == "i") {
        out.form = Picture::Form::roman;
    } else if (primary == "W" || primary == "w" || primary == "Ww") {
        out.form = Picture::Form::words;
    } else {
        read_digits(out, primary);
        return out;
    }
    const bool large = primary[0] >= 'A' && primary[0] <= 'Z';
    out.letter_case = primary == "Ww" ? Picture::Case::title
                      : large         ? Picture::Case::upper
                                      : Picture::Case::lower;
    return out;
}

std::string format_integer(double value, const IntegerPicture& picture) {
    const bool upper_case = picture.letter_case == Picture::Case::upper;
    const auto size = std::abs(value);
    if (!std::isfinite(size)) {
        throw Failure{"D1001"}.about("null");
    }
    std::string out;
    switch (picture.form) {
        case Picture::Form::letters:
            out = to_letters(size, upper_case ? 'A' : 'a');
            break;
        case Picture::Form::roman:
            out = cased(to_roman(size), picture.letter_case);
            break;
        case Picture::Form::words:
            out = cased(number_to_words(size, picture.ordinal), picture.letter_case);
            break;
        case Picture::Form::decimal:
            out = decimal(size, picture);
            break;
        case Picture::Form::sequence:
            refuse_sequence(picture);
    }
    return value < 0 ? "-" + out : out;
}

std::optional<double> parse_integer(std::string_view text, const IntegerPicture& picture) {
    switch (picture.form) {
        case Picture::Form::letters:
            return from_letters(text, picture.letter_case == Picture::Case::upper ? 'A' : 'a');
        case Picture::Form::roman:
            return from_roman(text);
        case Picture::Form::words:
            return words_to_number(lower(text));
        case Picture::Form::decimal:
            return parse_decimal(text, picture);
        case Picture::Form::sequence:
            break;
    }
    refuse_sequence(picture);
}

std::string integer_pattern(const IntegerPicture& picture, int width) {
    const bool upper_case = picture.letter_case == Picture::Case::upper;
    switch (picture.form) {
        case Picture::Form::letters:
            return upper_case ? "[A-Z]+" : "[a-z]+";
        case Picture::Form::roman:
            return upper_case ? "[MDCLXVI]+" : "[mdclxvi]+";
        case Picture::Form::words:
            return "(?:" + number_words_pattern() + ")+";
        case Picture::Form::decimal: {
            const auto optional = static_cast<int>(picture.optional_digits);
            const auto times = width < 1 ? std::string{"+"}
                               : optional == 0
                                   ? fmt::format("{{{}}}", width)
                                   : fmt::format("{{{},{}}}", std::max(width - optional, 0), width);
            return "[0-9]" + times + (picture.ordinal ? "(?:th|st|nd|rd)" : "");
        }
        case Picture::Form::sequence:
            break;
    }
    refuse_sequence(picture);
}

}  // namespace kiln::jsonata
