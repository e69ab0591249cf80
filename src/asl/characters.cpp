#include "asl/characters.hpp"

#include <array>

namespace kiln::asl {

Character character_at(std::string_view text, std::size_t offset) noexcept {
    const auto byte = [&](std::size_t index) -> char32_t {
        return static_cast<unsigned char>(text[index]);
    };
    const auto first = byte(offset);
    const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : first >= 0xC0U ? 2 : 1;
    if (length == 1 || offset + length > text.size()) {
        return {first, 1};
    }
    auto code = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6U) | (byte(offset + i) & 0x3FU);
    }
    return {code, length};
}

std::size_t count_characters(std::string_view text) noexcept {
    std::size_t count = 0;
    all_characters(text, [&](char32_t) { return ++count > 0; });
    return count;
}

std::size_t count_utf16(std::string_view text) noexcept {
    std::size_t units = 0;
    all_characters(text, [&](char32_t code) { return (units += code > 0xFFFFU ? 2 : 1) > 0; });
    return units;
}

Position position_of(std::string_view text, std::size_t offset) noexcept {
    Position out;
    std::size_t line_start = 0;
    for (std::size_t at = 0; at < offset && at < text.size(); ++at) {
        if (text[at] == '\n') {
            ++out.line;
            line_start = at + 1;
        }
    }
    out.column = count_utf16(text.substr(line_start, offset - line_start)) + 1;
    return out;
}

}  // namespace kiln::asl
