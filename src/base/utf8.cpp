#include "base/utf8.hpp"

#include <cstdint>

namespace kiln {

namespace {

/// Length of the well-formed sequence at the front of `s`, or 0 (Unicode 15, table 3-7).
std::size_t sequence(std::string_view s) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
    const auto tail = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xbf) {
        return i < s.size() && byte(i) >= low && byte(i) <= high;
    };
    const auto first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return tail(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const bool second = first == 0xe0   ? tail(1, 0xa0)
                            : first == 0xed ? tail(1, 0x80, 0x9f)
                                            : tail(1);
        return second && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool second = first == 0xf0   ? tail(1, 0x90)
                            : first == 0xf4 ? tail(1, 0x80, 0x8f)
                                            : tail(1);
        return second && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto length = sequence(bytes);
        if (length == 0) {
            return false;
        }
        bytes.remove_prefix(length);
    }
    return true;
}

std::string to_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto length = sequence(bytes);
        if (length == 0 || bytes[0] == '\0') {
            text += "\xef\xbf\xbd";
            bytes.remove_prefix(1);
        } else {
            text += bytes.substr(0, length);
            bytes.remove_prefix(length);
        }
    }
    return text;
}

std::size_t utf8_floor(std::string_view text, std::size_t limit) noexcept {
    if (limit >= text.size()) {
        return text.size();
    }
    while (limit > 0 && (static_cast<std::uint8_t>(text[limit]) & 0xc0) == 0x80) {
        --limit;
    }
    return limit;
}

}  // namespace kiln
