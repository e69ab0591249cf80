#include "jsonata/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace kiln::jsonata {

namespace {

constexpr double kExactIntegers = 9007199254740992.0;

/// The digits of a number without point, and where the point belongs.
struct Digits {
    std::string digits;
    int point = 0;
};

Digits digits_of(double number) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
    const std::string_view text{buffer, static_cast<std::size_t>(end - buffer)};
    const auto mark = text.find('e');
    Digits out;
    for (const char letter : text.substr(0, mark)) {
        if (letter != '.') {
            out.digits += letter;
        }
    }
    int exponent = 0;
    const auto sign = text[mark + 1] == '+' ? 2U : 1U;
    std::from_chars(text.data() + mark + sign, text.data() + text.size(), exponent);
    out.point = exponent + 1;
    return out;
}

void append_scientific(std::string& out, const Digits& number) {
    out += number.digits[0];
    if (number.digits.size() > 1) {
        out += '.';
        out.append(number.digits, 1);
    }
    const auto exponent = number.point - 1;
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
}

}  // namespace

void append_number(std::string& out, double number) {
    if (number == std::trunc(number) && std::abs(number) < kExactIntegers) {
        out += fmt::format_int{static_cast<std::int64_t>(number)}.c_str();
        return;
    }
    if (!std::isfinite(number)) {
        out += std::isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
        return;
    }
    if (number < 0) {
        out += '-';
    }
    const auto parts = digits_of(std::abs(number));
    const auto count = static_cast<int>(parts.digits.size());
    if (parts.point > 21 || parts.point < -5) {
        append_scientific(out, parts);
    } else if (parts.point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-parts.point), '0');
        out += parts.digits;
    } else if (count <= parts.point) {
        out += parts.digits;
        out.append(static_cast<std::size_t>(parts.point - count), '0');
    } else {
        out.append(parts.digits, 0, static_cast<std::size_t>(parts.point));
        out += '.';
        out.append(parts.digits, static_cast<std::size_t>(parts.point));
    }
}

std::string number_text(double number) {
    std::string out;
    append_number(out, number);
    return out;
}

double parse_number(std::string_view text) {
    double out = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem == std::errc::result_out_of_range) {
        // from_chars does not say on which side: a number with a negative exponent is too small.
        const auto mark = text.find_first_of("eE");
        const bool small =
            (mark != std::string_view::npos && text.substr(mark).starts_with("e-")) ||
            (mark != std::string_view::npos && text.substr(mark).starts_with("E-")) ||
            text.starts_with("0.") || text.starts_with("-0.");
        return small ? 0 : std::numeric_limits<double>::infinity();
    }
    return out;
}

double to_precision_15(double number) {
    if (!std::isfinite(number) || (number == std::trunc(number) && std::abs(number) < 1e15)) {
        return number;
    }
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific, 14)
            .ptr;
    return parse_number({buffer, static_cast<std::size_t>(end - buffer)});
}

double round_number(double number, int precision) {
    // The point is moved in the text: a multiplication would round by itself.
    const auto shifted = [](double value, int places) {
        const auto text = number_text(value);
        const auto mark = text.find('e');
        int exponent = 0;
        if (mark != std::string::npos) {
            const auto sign = text[mark + 1] == '+' ? 2U : 1U;
            std::from_chars(text.data() + mark + sign, text.data() + text.size(), exponent);
        }
        return parse_number(fmt::format("{}e{}", text.substr(0, mark), exponent + places));
    };
    if (!std::isfinite(number)) {
        return number;
    }
    const auto value = precision == 0 ? number : shifted(number, precision);
    auto rounded = std::floor(value);
    const auto rest = value - rounded;
    if (rest > 0.5 || (rest == 0.5 && std::fmod(rounded, 2) != 0)) {
        rounded += 1;
    }
    const auto out = precision == 0 ? rounded : shifted(rounded, -precision);
    return out == 0 ? 0 : out;
}

std::string fixed(double number, int places) {
    return number >= 1e21 ? number_text(number)
                          : fmt::format("{:.{}f}", number, std::max(places, 0));
}

std::optional<double> leading_integer(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\n\r\v\f");
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(start);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') {
        ++count;
    }
    if (count == 0) {
        return std::nullopt;
    }
    const auto value = parse_number(text.substr(0, count));
    return negative ? -value : value;
}

}  // namespace kiln::jsonata
