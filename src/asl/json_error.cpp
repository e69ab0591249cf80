#include "asl/json_error.hpp"

#include "asl/characters.hpp"

#include <cstdint>
#include <vector>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::string_view kAnyToken =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
constexpr std::size_t kLongestToken = 256;   // Jackson: ParserBase.MAX_ERROR_TOKEN_LENGTH
constexpr std::size_t kLongestSource = 500;  // Jackson: ErrorReportConfiguration

std::string described(std::string_view text, std::size_t offset) {
    const auto [code, bytes] = character_at(text, offset);
    if (code < 0x20U || (code >= 0x7FU && code < 0xA0U)) {
        return fmt::format("(CTRL-CHAR, code {})", static_cast<std::uint32_t>(code));
    }
    const auto number = static_cast<std::uint32_t>(code);
    const auto shown = text.substr(offset, bytes);
    return number > 255 ? fmt::format("'{}' (code {} / 0x{:x})", shown, number, number)
                        : fmt::format("'{}' (code {})", shown, number);
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool starts_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Reads one document and throws the first fault.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_{text} {}

    void run() {
        skip_space();
        if (at_end()) {
            fail("No content to map due to end-of-input");
        }
        value();
        while (!open_.empty()) {
            next_entry();
        }
        skip_space();
        if (!at_end()) {
            if (starts_word(peek())) {
                word();
            }
            fail_character("expected white space or the end behind the document");
        }
    }

  private:
    struct Open {
        bool array = false;
        std::size_t start = 0;
        bool empty = true;
    };

    [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }

    [[nodiscard]] char peek() const noexcept { return text_[at_]; }

    [[noreturn]] void fail(std::string message) const {
        const auto [line, column] = position_of(text_, at_);
        throw JsonFault{std::move(message), line, column};
    }

    /// The character here is out of place.
    [[noreturn]] void fail_character(std::string_view why) {
        auto message = fmt::format("Unexpected character ({}): {}", described(text_, at_), why);
        at_ += character_at(text_, at_).bytes;
        fail(std::move(message));
    }

    [[noreturn]] void fail_number(std::string_view why) {
        if (at_end()) {
            fail("Unexpected end-of-input in a Number value");
        }
        auto message = fmt::format(
            "Unexpected character ({}) in numeric value: {}", described(text_, at_), why
        );
        at_ += character_at(text_, at_).bytes;
        fail(std::move(message));
    }

    [[nodiscard]] std::string_view container() const noexcept {
        return open_.empty() ? "root" : open_.back().array ? "Array" : "Object";
    }

    void skip_space() {
        while (!at_end() && static_cast<unsigned char>(peek()) <= 0x20U) {
            if (!is_space(peek())) {
                auto message = fmt::format(
                    "Illegal character ({}): only regular white space (\\r, \\n, \\t) is allowed "
                    "between tokens",
                    described(text_, at_)
                );
                ++at_;
                fail(std::move(message));
            }
            ++at_;
        }
    }

    void skip_to_entry() {
        skip_space();
        if (at_end()) {
            fail(fmt::format("Unexpected end-of-input within/between {} entries", container()));
        }
    }

    void next_entry() {
        skip_space();
        if (at_end()) {
            const auto [line, column] = position_of(text_, open_.back().start);
            fail(fmt::format(
                "Unexpected end-of-input: expected close marker for {} (start marker at {})",
                container(),
                json_source(text_, line, column)
            ));
        }
        if (peek() == ']' || peek() == '}') {
            close();
            return;
        }
        if (!open_.back().empty) {
            if (peek() != ',') {
                fail_character(
                    fmt::format("was expecting comma to separate {} entries", container())
                );
            }
            ++at_;
            skip_to_entry();
        }
        open_.back().empty = false;
        if (!open_.back().array) {
            name();
        }
        value();
    }

    void close() {
        const auto& innermost = open_.back();
        if (innermost.array != (peek() == ']')) {
            const auto [line, column] = position_of(text_, innermost.start);
            auto message = fmt::format(
                "Unexpected close marker '{}': expected '{}' (for {} starting at {})",
                peek(),
                innermost.array ? ']' : '}',
                container(),
                json_source(text_, line, column)
            );
            ++at_;
            fail(std::move(message));
        }
        ++at_;
        open_.pop_back();
    }

    void name() {
        if (peek() != '"') {
            fail_character("was expecting double-quote to start field name");
        }
        string(true);
        skip_to_entry();
        if (peek() != ':') {
            fail_character("was expecting a colon to separate field name and value");
        }
        ++at_;
        skip_to_entry();
    }

    void value() {
        const auto c = peek();
        if (c == '"') {
            string(false);
        } else if (c == '{' || c == '[') {
            open(c == '[');
        } else if (c == '-' || is_digit(c)) {
            number();
        } else if (c == '}') {
            fail_character("expected a value");
        } else if (starts_word(c)) {
            word();
        } else {
            fail_character(fmt::format("expected a valid value {}", kAnyToken));
        }
    }

    void open(bool array) {
        if (open_.size() == kDeepestJson) {
            fail(fmt::format(
                "Document nesting depth ({}) exceeds the maximum allowed ({}, from "
                "`StreamReadConstraints.getMaxNestingDepth()`)",
                kDeepestJson + 1,
                kDeepestJson
            ));
        }
        open_.push_back({array, at_, true});
        ++at_;
    }

    void word() {
        const auto start = at_;
        while (!at_end() && (starts_word(peek()) || is_digit(peek()))) {
            ++at_;
        }
        const auto found = text_.substr(start, at_ - start);
        if (found == "null" || found == "true" || found == "false") {
            return;
        }
        const auto shown = found.size() > kLongestToken
                               ? std::string{found.substr(0, kLongestToken)} + "..."
                               : std::string{found};
        fail(fmt::format("Unrecognized token '{}': was expecting {}", shown, kAnyToken));
    }

    void digits(std::string_view why) {
        if (at_end() || !is_digit(peek())) {
            fail_number(why);
        }
        while (!at_end() && is_digit(peek())) {
            ++at_;
        }
    }

    void number() {
        at_ += peek() == '-' ? 1U : 0U;
        if (!at_end() && peek() == '0') {
            ++at_;
            if (!at_end() && is_digit(peek())) {
                fail("Invalid numeric value: Leading zeroes not allowed");
            }
        } else {
            digits("expected digit (0-9) to follow minus sign, for valid numeric value");
        }
        if (!at_end() && peek() == '.') {
            ++at_;
            digits("Decimal point not followed by a digit");
        }
        if (!at_end() && (peek() == 'e' || peek() == 'E')) {
            ++at_;
            at_ += !at_end() && (peek() == '+' || peek() == '-') ? 1U : 0U;
            digits("Exponent indicator not followed by a digit");
        }
        if (open_.empty() && !at_end() && !is_space(peek())) {
            fail_character("Expected space separating root-level values");
        }
    }

    void string(bool is_name) {
        ++at_;
        while (!at_end() && peek() != '"') {
            if (static_cast<unsigned char>(peek()) < 0x20U) {
                auto message = fmt::format(
                    "Illegal unquoted character ({}): has to be escaped using backslash to be "
                    "included in {}",
                    described(text_, at_),
                    is_name ? "name" : "string value"
                );
                ++at_;
                fail(std::move(message));
            }
            if (peek() == '\\') {
                escape();
            } else {
                ++at_;
            }
        }
        if (at_end()) {
            fail(
                is_name ? "Unexpected end-of-input in field name"
                        : "Unexpected end-of-input: was expecting closing quote for a string value"
            );
        }
        ++at_;
    }

    void escape() {
        ++at_;
        if (at_end()) {
            fail("Unexpected end-of-input in character escape sequence");
        }
        if (peek() == 'u') {
            ++at_;
            const auto unit = hex();
            if (unit >= 0xDC00U && unit < 0xE000U) {
                fail("Unpaired surrogate in a character escape sequence");
            }
            if (unit >= 0xD800U && unit < 0xDC00U) {
                low_surrogate();
            }
            return;
        }
        if (std::string_view{"\"\\/bfnrt"}.find(peek()) == std::string_view::npos) {
            auto message = fmt::format("Unrecognized character escape {}", described(text_, at_));
            at_ += character_at(text_, at_).bytes;
            fail(std::move(message));
        }
        ++at_;
    }

    void low_surrogate() {
        if (text_.substr(at_, 2) == "\\u") {
            at_ += 2;
            const auto unit = hex();
            if (unit >= 0xDC00U && unit < 0xE000U) {
                return;
            }
        }
        fail("Unpaired surrogate in a character escape sequence");
    }

    std::uint32_t hex() {
        std::uint32_t unit = 0;
        for (int i = 0; i < 4; ++i) {
            if (at_end()) {
                fail("Unexpected end-of-input in character escape sequence");
            }
            const auto digit = std::string_view{"0123456789abcdefABCDEF"}.find(peek());
            if (digit == std::string_view::npos) {
                fail_character("expected a hex-digit for character escape sequence");
            }
            unit = unit * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
            ++at_;
        }
        return unit;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Open> open_;
};

}  // namespace

std::optional<JsonFault> explain_json_error(std::string_view text) {
    try {
        Scanner{text}.run();
    } catch (JsonFault& fault) {
        return std::move(fault);
    }
    return std::nullopt;
}

std::string json_source(std::string_view text, std::size_t line, std::size_t column) {
    std::size_t end = 0;
    std::size_t units = 0;
    while (end < text.size() && units < kLongestSource) {
        const auto [code, bytes] = character_at(text, end);
        units += code > 0xFFFFU ? 2 : 1;
        end += bytes;
    }
    const auto rest = count_utf16(text.substr(end));
    return fmt::format(
        "[Source: (String)\"{}\"{}; line: {}, column: {}]",
        text.substr(0, end),
        rest == 0 ? std::string{} : fmt::format("[truncated {} chars]", rest),
        line,
        column
    );
}

}  // namespace kiln::asl
