#include "flow/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace kiln::flow {
namespace {

/// The digits of a double with as few of them as read back as the same, and the decimal exponent
/// of the first one.
struct Digits {
    std::array<char, 32> text{};
    std::size_t count = 0;
    int exponent = 0;
};

Digits shortest_digits(double magnitude) {
    std::array<char, 40> raw{};
    const auto end =
        std::to_chars(raw.data(), raw.data() + raw.size(), magnitude, std::chars_format::scientific)
            .ptr;
    Digits digits;
    const char* at = raw.data();
    for (; at != end && *at != 'e'; ++at) {
        if (*at != '.') {
            digits.text[digits.count++] = *at;
        }
    }
    if (at != end) {
        ++at;
        std::from_chars(*at == '+' ? at + 1 : at, end, digits.exponent);
    }
    return digits;
}

/// Java's Double.toString: plain from 10^-3 to 10^7, else with E; always a digit after the point.
void write_double(double number, std::string& to) {
    if (std::signbit(number)) {
        to += '-';
    }
    if (number == 0) {
        to += "0.0";
        return;
    }
    const auto digits = shortest_digits(std::fabs(number));
    const std::string_view all{digits.text.data(), digits.count};
    if (digits.exponent < -3 || digits.exponent >= 7) {
        to += all[0];
        to += '.';
        to += all.size() > 1 ? all.substr(1) : std::string_view{"0"};
        to += 'E';
        to += std::to_string(digits.exponent);
        return;
    }
    if (digits.exponent < 0) {
        to += "0.";
        to.append(static_cast<std::size_t>(-digits.exponent - 1), '0');
        to += all;
        return;
    }
    const auto whole = static_cast<std::size_t>(digits.exponent) + 1;
    if (all.size() <= whole) {
        to += all;
        to.append(whole - all.size(), '0');
        to += ".0";
        return;
    }
    to += all.substr(0, whole);
    to += '.';
    to += all.substr(whole);
}

bool plain(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

/// The letter after the backslash; 0: \u00XX is needed.
char short_escape(char c) noexcept {
    switch (c) {
        case '"':
        case '\\':
            return c;
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

void write_string(std::string_view text, std::string& to) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    to += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (plain(text[i])) {
            continue;
        }
        to += text.substr(done, i - done);
        done = i + 1;
        to += '\\';
        if (const char letter = short_escape(text[i])) {
            to += letter;
        } else {
            to += "u00";
            to += kHex[static_cast<unsigned char>(text[i]) >> 4U];
            to += kHex[static_cast<unsigned char>(text[i]) & 15U];
        }
    }
    to += text.substr(done);
    to += '"';
}

std::size_t string_bytes(std::string_view text) {
    std::size_t bytes = text.size() + 2;
    for (const char c : text) {
        if (!plain(c)) {
            bytes += short_escape(c) != 0 ? 1 : 5;
        }
    }
    return bytes;
}

void write_scalar(const json::value& value, std::string& to) {
    std::array<char, 24> digits{};
    if (const auto* text = value.if_string()) {
        write_string(*text, to);
    } else if (const auto* whole = value.if_int64()) {
        to.append(
            digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *whole).ptr
        );
    } else if (const auto* large = value.if_uint64()) {
        to.append(
            digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *large).ptr
        );
    } else if (const auto* number = value.if_double()) {
        write_double(*number, to);
    } else if (const auto* truth = value.if_bool()) {
        to += *truth ? "true" : "false";
    } else {
        to += "null";
    }
}

/// Adds up; false: it is no use to go on.
bool measure(const json::value& value, std::size_t depth, std::size_t enough, Extent& sum) {
    if (const auto* text = value.if_string()) {
        sum.bytes += string_bytes(*text);
        return sum.bytes <= enough;
    }
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if (object == nullptr && array == nullptr) {
        std::string scalar;
        write_scalar(value, scalar);
        sum.bytes += scalar.size();
        return sum.bytes <= enough;
    }
    if (depth >= kDeepestPayload) {
        sum.too_deep = true;
        return false;
    }
    sum.bytes += 2;
    if (object != nullptr) {
        sum.bytes += object->empty() ? 0 : object->size() - 1;
        for (const auto& member : *object) {
            sum.bytes += string_bytes(member.key()) + 1;
            if (!measure(member.value(), depth + 1, enough, sum)) {
                return false;
            }
        }
        return sum.bytes <= enough;
    }
    sum.bytes += array->empty() ? 0 : array->size() - 1;
    for (const auto& element : *array) {
        if (!measure(element, depth + 1, enough, sum)) {
            return false;
        }
    }
    return sum.bytes <= enough;
}

}  // namespace

void write_json(const json::value& value, std::string& to) {
    if (const auto* object = value.if_object()) {
        char before = '{';
        for (const auto& member : *object) {
            to += before;
            before = ',';
            write_string(member.key(), to);
            to += ':';
            write_json(member.value(), to);
        }
        to += object->empty() ? "{}" : "}";
    } else if (const auto* array = value.if_array()) {
        char before = '[';
        for (const auto& element : *array) {
            to += before;
            before = ',';
            write_json(element, to);
        }
        to += array->empty() ? "[]" : "]";
    } else {
        write_scalar(value, to);
    }
}

std::string json_text(const json::value& value) {
    std::string text;
    write_json(value, text);
    return text;
}

Extent measure_json(const json::value& value, std::size_t enough) {
    Extent sum;
    measure(value, 0, enough, sum);
    return sum;
}

}  // namespace kiln::flow
