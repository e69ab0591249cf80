#include "cli/colored_json.hpp"

#include <algorithm>

namespace kiln::cli {

namespace {

/// The end of the JSON string that begins at `begin`, behind its closing quote.
std::size_t end_of_string(const std::string& text, std::size_t begin) {
    auto at = begin + 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2 : 1;
    }
    return std::min(at + 1, text.size());
}

bool is_value(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
}

}  // namespace

std::string colored_json(const json::value& value, const Terminal& terminal) {
    const auto text = pretty_json(value);
    if (!terminal.color) {
        return text;
    }
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            const auto end = end_of_string(text, at);
            const bool key = end < text.size() && text[end] == ':';
            out += toned(text.substr(at, end - at), key ? Tone::strong : Tone::good, terminal);
            at = end;
        } else if (is_value(text[at])) {
            const auto end = std::min(text.find_first_of(",\n]} ", at), text.size());
            out += toned(text.substr(at, end - at), Tone::dim, terminal);
            at = end;
        } else {
            out += text[at++];
        }
    }
    return out;
}

}  // namespace kiln::cli
