#include "jsonata/text.hpp"

#include <algorithm>
#include <cwctype>
#include <locale.h>

namespace kiln::jsonata {

namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) {
        return static_cast<unsigned char>(letter) < 0x80;
    });
}

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

bool is_surrogate(std::uint32_t code, std::uint32_t first) {
    return code >= first && code < first + 0x400;
}

/// Letters of all scripts, whatever the locale of the process.
locale_t letters() {
    static const locale_t kLetters = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kLetters;
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
        map(out, code_point_at(text, at));
    }
    return out;
}

}  // namespace

std::size_t code_point_length(std::string_view text, std::size_t at) noexcept {
    const auto lead = byte_at(text, at);
    const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + length > text.size()) {
        return 1;
    }
    for (std::size_t next = 1; next < length; ++next) {
        if ((byte_at(text, at + next) & 0xC0U) != 0x80) {
            return 1;
        }
    }
    return length;
}

std::uint32_t code_point_at(std::string_view text, std::size_t at) noexcept {
    static constexpr std::uint32_t kLeadBits[] = {0, 0xFF, 0x1F, 0x0F, 0x07};
    const auto length = code_point_length(text, at);
    std::uint32_t out = byte_at(text, at) & kLeadBits[length];
    for (std::size_t next = 1; next < length; ++next) {
        out = (out << 6U) | (byte_at(text, at + next) & 0x3FU);
    }
    return out;
}

std::size_t count_code_points(std::string_view text) noexcept {
    std::size_t out = 0;
    for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
        ++out;
    }
    return out;
}

std::vector<std::size_t> code_point_starts(std::string_view text) {
    std::vector<std::size_t> out;
    out.reserve(text.size() + 1);
    for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
        out.push_back(at);
    }
    out.push_back(text.size());
    return out;
}

std::vector<std::uint32_t> code_points(std::string_view text) {
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
        out.push_back(code_point_at(text, at));
    }
    return out;
}

void append_code_point(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
    };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | ((code >> 18U) & 0x07U));
        tail(12);
        tail(6);
        tail(0);
    }
}

void append_utf16(std::string& out, std::uint32_t unit) {
    if (is_surrogate(unit, 0xDC00) && out.size() >= 3) {
        const auto high = code_point_at(out, out.size() - 3);
        if (is_surrogate(high, 0xD800)) {
            out.resize(out.size() - 3);
            append_code_point(out, 0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00));
            return;
        }
    }
    append_code_point(out, unit);
}

std::size_t utf16_length(std::string_view text) noexcept {
    std::size_t out = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = code_point_length(text, at);
        out += length == 4 ? 2 : 1;
        at += length;
    }
    return out;
}

std::size_t byte_of_utf16(std::string_view text, std::size_t unit) noexcept {
    std::size_t at = 0;
    for (std::size_t units = 0; at < text.size() && units < unit;) {
        const auto length = code_point_length(text, at);
        units += length == 4 ? 2 : 1;
        at += length;
    }
    return at;
}

int compare_utf16(std::string_view left, std::string_view right) noexcept {
    const auto common = std::min(left.size(), right.size());
    const auto at = static_cast<std::size_t>(
        std::mismatch(
            left.begin(), left.begin() + static_cast<std::ptrdiff_t>(common), right.begin()
        )
            .first -
        left.begin()
    );
    if (at == common) {
        return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
    }
    // Code points from 0x10000 are surrogates in UTF-16, which stand before 0xE000.
    const auto rank = [](unsigned char byte) {
        return byte == 0xEE || byte == 0xEF ? byte + 0x10 : static_cast<int>(byte);
    };
    const auto a = byte_at(left, at);
    const auto b = byte_at(right, at);
    return rank(a) < rank(b) ? -1 : 1;
}

bool has_lone_surrogate(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
        const auto code = code_point_at(text, at);
        if (code_point_length(text, at) == 3 && code >= 0xD800 && code < 0xE000) {
            return true;
        }
    }
    return false;
}

std::string upper(std::string_view text) {
    if (is_ascii(text)) {
        std::string out{text};
        std::transform(out.begin(), out.end(), out.begin(), [](char letter) {
            return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
        });
        return out;
    }
    return mapped(text, [](std::string& out, std::uint32_t code) {
        if (code == 0xDF) {
            out += "SS";
        } else {
            append_code_point(out, static_cast<std::uint32_t>(towupper_l(code, letters())));
        }
    });
}

std::string lower(std::string_view text) {
    if (is_ascii(text)) {
        std::string out{text};
        std::transform(out.begin(), out.end(), out.begin(), [](char letter) {
            return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
        });
        return out;
    }
    return mapped(text, [](std::string& out, std::uint32_t code) {
        append_code_point(out, static_cast<std::uint32_t>(towlower_l(code, letters())));
    });
}

}  // namespace kiln::jsonata
