#include "api/sqs/writer.hpp"

namespace kiln::api::sqs {

namespace {

/// Appends `text` with some of its bytes replaced; runs between them are copied whole.
/// `replacement` returns "" for a byte that stays as it is.
template <class Replacement>
void append_replaced(std::string& out, std::string_view text, const Replacement& replacement) {
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view other = replacement(text[i]);
        if (!other.empty()) {
            out += text.substr(copied, i - copied);
            out += other;
            copied = i + 1;
        }
    }
    out += text.substr(copied);
}

constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

void append_json(std::string& out, std::string_view text) {
    char escape[] = "\\u0000";
    out += '"';
    append_replaced(out, text, [&](char c) -> std::string_view {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && c != '"' && c != '\\') {
            return {};
        }
        switch (c) {
            case '"':
                return "\\\"";
            case '\\':
                return "\\\\";
            case '\n':
                return "\\n";
            case '\r':
                return "\\r";
            case '\t':
                return "\\t";
            default:
                escape[4] = kHex[byte >> 4U];
                escape[5] = kHex[byte & 15U];
                return {escape, 6};
        }
    });
    out += '"';
}

void append_xml(std::string& out, std::string_view text) {
    append_replaced(out, text, [](char c) -> std::string_view {
        switch (c) {
            case '&':
                return "&amp;";
            case '<':
                return "&lt;";
            case '>':
                return "&gt;";
            case '"':
                return "&quot;";
            case '\r':
                return "&#xD;";
            case '\t':
            case '\n':
                return {};
            default:  // XML has no other control characters, not even escaped
                return static_cast<unsigned char>(c) < 0x20 ? "\xef\xbf\xbd" : std::string_view{};
        }
    });
}

}  // namespace kiln::api::sqs
