#pragma once

#include <cstddef>
#include <string_view>

/// Texts, character by character.
namespace kiln::asl {

/// One character of UTF-8. A byte that begins none stands for itself.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

/// @param offset  below the text's size
[[nodiscard]] Character character_at(std::string_view text, std::size_t offset) noexcept;

[[nodiscard]] std::size_t count_characters(std::string_view text) noexcept;

/// What Java counts as a string's length.
[[nodiscard]] std::size_t count_utf16(std::string_view text) noexcept;

/// Calls `visit(character)` for each character; stops at the first false. True: there was none.
template <class Visit>
bool all_characters(std::string_view text, Visit&& visit) {
    for (std::size_t at = 0; at < text.size();) {
        const auto character = character_at(text, at);
        if (!visit(character.code)) {
            return false;
        }
        at += character.bytes;
    }
    return true;
}

/// A place in a text, from 1. Columns count UTF-16 units.
struct Position {
    std::size_t line = 1;
    std::size_t column = 1;
};

[[nodiscard]] Position position_of(std::string_view text, std::size_t offset) noexcept;

}  // namespace kiln::asl
