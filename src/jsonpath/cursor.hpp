#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kiln::jsonpath {

/// A place in the text of an expression that is being read.
struct Cursor {
    std::string_view text;
    std::size_t at = 0;

    [[nodiscard]] bool ended() const noexcept { return at >= text.size(); }

    /// '\0' at the end.
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at + ahead < text.size() ? text[at + ahead] : '\0';
    }

    bool take(std::string_view word) noexcept {
        if (text.substr(at, word.size()) != word) {
            return false;
        }
        at += word.size();
        return true;
    }

    void skip_blanks() noexcept {
        while (!ended() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
            ++at;
        }
    }

    /// The next character for messages: "'x'", or "the end".
    [[nodiscard]] std::string shown() const {
        return ended() ? "the end" : std::string{"'"} + peek() + "'";
    }
};

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace kiln::jsonpath
