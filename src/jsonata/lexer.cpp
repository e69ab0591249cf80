#include "jsonata/lexer.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

constexpr std::string_view kBlanks = " \t\n\r\v";
/// Every character that ends a name.
constexpr std::string_view kOperators = ".[]{}(),@#;:?+-*/%|=<>^&!~";
constexpr std::string_view kDoubles[] = {"..", ":=", "!=", ">=", "<=", "**", "~>"};

bool is_blank(char letter) {
    return kBlanks.find(letter) != std::string_view::npos;
}

bool is_operator(char letter) {
    return letter != '\0' && kOperators.find(letter) != std::string_view::npos;
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

int hex_digit(char letter) {
    if (is_digit(letter)) {
        return letter - '0';
    }
    const char lower = static_cast<char>(letter | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void Lexer::skip_blanks() {
    for (;;) {
        while (position_ < text_.size() && is_blank(text_[position_])) {
            ++position_;
        }
        if (at(position_) != '/' || at(position_ + 1) != '*') {
            return;
        }
        const auto end = text_.find("*/", position_ + 2);
        if (end == std::string_view::npos) {
            throw Failure{"S0106", position_};
        }
        position_ = end + 2;
    }
}

Token Lexer::make(Token::Type type, std::string_view text) const {
    return {.type = type, .text = text, .position = position_};
}

Token Lexer::next(Expect expect) {
    skip_blanks();
    if (position_ >= text_.size()) {
        return {.position = text_.size()};
    }
    const char letter = text_[position_];
    if (letter == '/' && expect == Expect::operand) {
        ++position_;
        return regex();
    }
    if (const auto token = operator_token()) {
        return *token;
    }
    if (letter == '"' || letter == '\'') {
        return string(letter);
    }
    if (const auto token = number()) {
        return *token;
    }
    return letter == '`' ? quoted_name() : word();
}

std::optional<Token> Lexer::operator_token() {
    const auto rest = text_.substr(position_);
    for (const auto op : kDoubles) {
        if (rest.starts_with(op)) {
            position_ += op.size();
            return make(Token::Type::op, rest.substr(0, op.size()));
        }
    }
    if (is_operator(rest[0])) {
        ++position_;
        return make(Token::Type::op, rest.substr(0, 1));
    }
    return std::nullopt;
}

void Lexer::unicode_escape(std::string& out) {
    std::uint32_t code = 0;
    for (std::size_t digit = 1; digit <= 4; ++digit) {
        const auto value = hex_digit(at(position_ + digit));
        if (value < 0) {
            throw Failure{"S0104", position_};
        }
        code = code * 16 + static_cast<std::uint32_t>(value);
    }
    position_ += 4;
    append_utf16(out, code);
}

/// `position_` stands on the letter behind the backslash.
void Lexer::escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = at(position_);
    if (letter == 'u') {
        unicode_escape(out);
        return;
    }
    const auto found = letter == '\0' ? std::string_view::npos : kLetters.find(letter);
    if (found == std::string_view::npos) {
        const auto length = position_ < text_.size() ? code_point_length(text_, position_) : 0;
        throw Failure{"S0103", position_}.named(text_.substr(position_, length));
    }
    out += kMeanings[found];
}

Token Lexer::string(char quote) {
    std::string out;
    for (++position_; position_ < text_.size(); ++position_) {
        const char letter = text_[position_];
        if (letter == '\\') {
            ++position_;
            escape(out);
        } else if (letter == quote) {
            ++position_;
            return make(Token::Type::string, program_.keep(std::move(out)));
        } else {
            out += letter;
        }
    }
    throw Failure{"S0101", position_};
}

std::optional<Token> Lexer::number() {
    auto end = position_;
    const auto digits = [&] {
        const auto start = end;
        while (is_digit(at(end))) {
            ++end;
        }
        return end > start;
    };
    if (at(end) == '0') {
        ++end;
    } else if (!digits()) {
        return std::nullopt;
    }
    if (at(end) == '.' && is_digit(at(end + 1))) {
        ++end;
        digits();
    }
    if (at(end) == 'e' || at(end) == 'E') {
        const auto sign = at(end + 1) == '+' || at(end + 1) == '-' ? 1U : 0U;
        if (is_digit(at(end + 1 + sign))) {
            end += 1 + sign;
            digits();
        }
    }
    const auto text = text_.substr(position_, end - position_);
    const auto value = parse_number(text);
    if (!std::isfinite(value)) {
        throw Failure{"S0102", position_}.named(text);
    }
    position_ = end;
    auto token = make(Token::Type::number, text);
    token.value = Value::of(value);
    return token;
}

Token Lexer::quoted_name() {
    const auto start = ++position_;
    const auto end = text_.find('`', start);
    if (end == std::string_view::npos) {
        throw Failure{"S0105", text_.size()};
    }
    position_ = end + 1;
    return make(Token::Type::name, text_.substr(start, end - start));
}

Token Lexer::word() {
    const auto start = position_;
    while (position_ < text_.size() && !is_blank(text_[position_]) && !is_operator(text_[position_])
    ) {
        ++position_;
    }
    const auto word = text_.substr(start, position_ - start);
    if (word.starts_with('$')) {
        return make(Token::Type::variable, word.substr(1));
    }
    if (word == "or" || word == "in" || word == "and") {
        return make(Token::Type::op, word);
    }
    if (word == "true" || word == "false" || word == "null") {
        auto token = make(Token::Type::value, word);
        token.value = word == "null" ? Value::null() : Value::of(word == "true");
        return token;
    }
    return make(Token::Type::name, word);
}

Token Lexer::regex() {
    const auto start = position_;
    int depth = 0;
    const auto escaped = [&](std::size_t index) { return index > 0 && text_[index - 1] == '\\'; };
    const auto closes = [&](std::size_t index) {
        std::size_t slashes = 0;
        while (slashes < index && text_[index - slashes - 1] == '\\') {
            ++slashes;
        }
        return text_[index] == '/' && depth == 0 && slashes % 2 == 0;
    };
    for (; position_ < text_.size(); ++position_) {
        const char letter = text_[position_];
        if (closes(position_)) {
            const auto pattern = text_.substr(start, position_ - start);
            if (pattern.empty()) {
                throw Failure{"S0301", position_};
            }
            const auto flags = ++position_;
            while (at(position_) == 'i' || at(position_) == 'm') {
                ++position_;
            }
            auto token = make(Token::Type::regex, pattern);
            token.regex = &program_.regexes.emplace_back(
                pattern, text_.substr(flags, position_ - flags), position_
            );
            return token;
        }
        if (!escaped(position_)) {
            depth += letter == '(' || letter == '[' || letter == '{' ? 1 : 0;
            depth -= letter == ')' || letter == ']' || letter == '}' ? 1 : 0;
        }
    }
    throw Failure{"S0302", position_};
}

}  // namespace kiln::jsonata
