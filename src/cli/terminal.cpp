#include "cli/terminal.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace kiln::cli {

namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool utf8_locale() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const auto value = variable(name); !value.empty()) {
            return value.find("UTF-8") != std::string_view::npos ||
                   value.find("utf8") != std::string_view::npos;
        }
    }
    return false;
}

constexpr bool is_continuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

Terminal detect_terminal(int fd) {
    Terminal terminal;
    terminal.utf8 = utf8_locale();
    if (::isatty(fd) == 0) {
        return terminal;
    }
    const auto type = variable("TERM");
    terminal.live = !type.empty() && type != "dumb";
    terminal.color = terminal.live && variable("NO_COLOR").empty();
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        terminal.width = size.ws_col;
        terminal.height = size.ws_row > 0 ? size.ws_row : terminal.height;
    } else {
        terminal.width = 80;
    }
    return terminal;
}

std::string toned(std::string_view text, Tone tone, const Terminal& terminal) {
    if (!terminal.color || tone == Tone::plain || text.empty()) {
        return std::string{text};
    }
    std::string_view code;
    switch (tone) {
        case Tone::plain:
            break;
        case Tone::dim:
            code = "2";
            break;
        case Tone::good:
            code = "32";
            break;
        case Tone::bad:
            code = "31";
            break;
        case Tone::strong:
            code = "1";
            break;
    }
    return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
}

std::size_t columns(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return !is_continuation(c);
    }));
}

std::string cut(std::string_view text, std::size_t width, bool utf8) {
    if (width == 0 || columns(text) <= width) {
        return std::string{text};
    }
    const std::string_view mark = utf8 ? "…" : "~";
    std::size_t bytes = 0;
    for (std::size_t kept = 0; bytes < text.size(); ++bytes) {
        if (!is_continuation(text[bytes]) && kept++ == width - 1) {
            break;
        }
    }
    return std::string{text.substr(0, bytes)} + std::string{mark};
}

std::string printable(std::string_view text) {
    // Names, ids and times, thousands of them in a listing, are all of this kind.
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
        return std::string{text};
    }
    const auto clean = to_utf8(text);
    std::string out;
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const char c = clean[i];
        if (c == '\x1b' && i + 1 < clean.size() && clean[i + 1] == '[') {
            i += 2;
            while (i < clean.size() && (clean[i] < '@' || clean[i] > '~')) {
                ++i;
            }
        } else if (c == '\t') {
            out += "    ";
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') {
            out += c;
        }
    }
    return out;
}

}  // namespace kiln::cli
