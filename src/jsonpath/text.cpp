#include "jsonpath/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace kiln::jsonpath {

namespace {

/// The shortest digits that read back as the same number, in Double.toString's layout.
std::string double_text(double number) {
    if (!std::isfinite(number)) {
        return std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    }
    const auto size = std::abs(number);
    const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
    std::array<char, 400> buffer{};
    const auto written = std::to_chars(
        buffer.data(),
        buffer.data() + buffer.size(),
        number,
        plain ? std::chars_format::fixed : std::chars_format::scientific
    );
    std::string text{buffer.data(), written.ptr};
    if (plain) {
        return text.find('.') == std::string::npos ? text + ".0" : text;
    }
    const auto e = text.find('e');
    auto mantissa = text.substr(0, e);
    if (mantissa.find('.') == std::string::npos) {
        mantissa += ".0";
    }
    return mantissa + "E" + std::to_string(std::stoi(text.substr(e + 1)));
}

void write_compact(std::string& out, const json::value& value) {
    if (const auto* array = value.if_array(); array != nullptr) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : ",";
            write_compact(out, (*array)[i]);
        }
        out += ']';
    } else if (const auto* object = value.if_object(); object != nullptr) {
        out += '{';
        for (const auto& member : *object) {
            out += &member == object->begin() ? "" : ",";
            out += json::serialize(member.key());
            out += ':';
            write_compact(out, member.value());
        }
        out += '}';
    } else {
        out += value.is_number() ? number_text(value) : json::serialize(value);
    }
}

void write_plain(std::string& out, const json::value& value) {
    if (const auto* text = value.if_string(); text != nullptr) {
        out += std::string_view{*text};
    } else if (const auto* array = value.if_array(); array != nullptr) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : ", ";
            write_plain(out, (*array)[i]);
        }
        out += ']';
    } else if (const auto* object = value.if_object(); object != nullptr) {
        out += '{';
        for (const auto& member : *object) {
            out += &member == object->begin() ? "" : ", ";
            out += member.key();
            out += '=';
            write_plain(out, member.value());
        }
        out += '}';
    } else {
        out += value.is_number() ? number_text(value) : json::serialize(value);
    }
}

/// -1, 0 or 1; both are whole numbers.
std::strong_ordering compare_whole(const json::value& left, const json::value& right) noexcept {
    if (left.is_int64() && right.is_int64()) {
        return left.get_int64() <=> right.get_int64();
    }
    if (left.is_uint64() && right.is_uint64()) {
        return left.get_uint64() <=> right.get_uint64();
    }
    if (left.is_int64()) {
        return std::cmp_less(left.get_int64(), right.get_uint64()) ? std::strong_ordering::less
               : std::cmp_equal(left.get_int64(), right.get_uint64())
                   ? std::strong_ordering::equal
                   : std::strong_ordering::greater;
    }
    return 0 <=> compare_whole(right, left);
}

}  // namespace

std::string number_text(const json::value& number) {
    return number.is_double() ? double_text(number.get_double()) : json::serialize(number);
}

std::string compact_text(const json::value& value) {
    std::string out;
    write_compact(out, value);
    return out;
}

std::string plain_text(const json::value& value) {
    std::string out;
    write_plain(out, value);
    return out;
}

std::partial_ordering compare_numbers(const json::value& left, const json::value& right) noexcept {
    if (!left.is_double() && !right.is_double()) {
        return compare_whole(left, right);
    }
    const auto as_double = [](const json::value& value) {
        return value.is_double()   ? value.get_double()
               : value.is_uint64() ? static_cast<double>(value.get_uint64())
                                   : static_cast<double>(value.get_int64());
    };
    return as_double(left) <=> as_double(right);
}

std::size_t count_characters(std::string_view utf8) noexcept {
    std::size_t units = 0;
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0U) != 0x80U) {
            units += byte >= 0xF0U ? 2 : 1;
        }
    }
    return units;
}

}  // namespace kiln::jsonpath
