#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kiln::cli {

/// What a stream's other end can show.
struct Terminal {
    bool live = false;   ///< a terminal that moves its cursor: lines may be drawn again
    bool color = false;  ///< NO_COLOR is not set, TERM is not dumb
    bool utf8 = false;
    std::size_t width = 0;  ///< columns; 0: unlimited (no terminal)
    std::size_t height = 24;
};

/// Asks the descriptor (1 or 2) and the environment (NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG).
[[nodiscard]] Terminal detect_terminal(int fd);

enum class Tone { plain, dim, good, bad, strong };

/// The text in that tone, where the terminal has colour.
[[nodiscard]] std::string toned(std::string_view text, Tone tone, const Terminal& terminal);

/// Columns that a text takes: one for each character (names and messages are of single width).
[[nodiscard]] std::size_t columns(std::string_view text) noexcept;

/// Cut to `width` columns, the last one an ellipsis where something is missing. 0: not cut.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width, bool utf8);

/// Without what would move the cursor or change colours: control characters and escape sequences.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace kiln::cli
