#include "jsonpath/parser.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

constexpr std::size_t kDeepestCondition = 64;

struct OperatorName {
    std::string_view name;
    Operator op;
};

constexpr std::array kOperators{
    OperatorName{"==", Operator::equal},
    OperatorName{"===", Operator::same},
    OperatorName{"!=", Operator::not_equal},
    OperatorName{"!==", Operator::not_same},
    OperatorName{"<", Operator::less},
    OperatorName{"<=", Operator::less_equal},
    OperatorName{">", Operator::greater},
    OperatorName{">=", Operator::greater_equal},
    OperatorName{"=~", Operator::matches},
    OperatorName{"in", Operator::in},
    OperatorName{"nin", Operator::not_in},
    OperatorName{"contains", Operator::contains},
    OperatorName{"all", Operator::all},
    OperatorName{"size", Operator::size},
    OperatorName{"empty", Operator::empty},
    OperatorName{"subsetof", Operator::subset_of},
    OperatorName{"anyof", Operator::any_of},
    OperatorName{"noneof", Operator::none_of},
};

bool is_relation(char c) noexcept {
    return c == '<' || c == '>' || c == '=' || c == '~' || c == '!';
}

void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xE0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

}  // namespace

std::shared_ptr<void> Parser::deeper() {
    if (++levels_ > kDeepestCondition) {
        throw PathError{
            Fault::limit, std::string{cursor_.text}, 0, "a filter is nested deeper than 64 levels"};
    }
    return {nullptr, [this](void*) { --levels_; }};
}

FilterNode Parser::any() {
    const auto level = deeper();
    FilterNode node{.kind = FilterNode::Kind::any};
    do {
        node.children.push_back(all());
        cursor_.skip_blanks();
    } while (cursor_.take("||"));
    if (node.children.size() > 1) {
        return node;
    }
    auto only = std::move(node.children.front());
    return only;
}

FilterNode Parser::all() {
    FilterNode node{.kind = FilterNode::Kind::all};
    do {
        node.children.push_back(operand());
        cursor_.skip_blanks();
    } while (cursor_.take("&&"));
    if (node.children.size() > 1) {
        return node;
    }
    auto only = std::move(node.children.front());
    return only;
}

FilterNode Parser::operand() {
    const auto level = deeper();
    cursor_.skip_blanks();
    if (cursor_.take("(")) {
        auto node = any();
        expect(')', "at the end of the group");
        return node;
    }
    if (!cursor_.take("!")) {
        return comparison();
    }
    cursor_.skip_blanks();
    if (cursor_.peek() == '@' || cursor_.peek() == '$') {
        return {.kind = FilterNode::Kind::missing, .left = inner_path()};
    }
    FilterNode node{.kind = FilterNode::Kind::negation};
    node.children.push_back(operand());
    return node;
}

FilterNode Parser::comparison() {
    FilterNode node{.left = value()};
    cursor_.skip_blanks();
    const char c = cursor_.peek();
    if (is_relation(c) || is_letter(c)) {
        node.op = relation();
        node.right = value();
        return node;
    }
    if (!std::holds_alternative<std::shared_ptr<const Program>>(node.left)) {
        fail("a constant has to be compared with something");
    }
    node.kind = FilterNode::Kind::exists;
    return node;
}

Operator Parser::relation() {
    const auto from = cursor_.at;
    if (is_relation(cursor_.peek())) {
        while (is_relation(cursor_.peek())) {
            ++cursor_.at;
        }
    } else {
        while (is_letter(cursor_.peek())) {
            ++cursor_.at;
        }
    }
    std::string name{cursor_.text.substr(from, cursor_.at - from)};
    for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    for (const auto& row : kOperators) {
        if (row.name == name) {
            return row.op;
        }
    }
    fail_at(from, fmt::format("there is no operator '{}'", name));
}

Operand Parser::value() {
    cursor_.skip_blanks();
    const char c = cursor_.peek();
    if (c == '@' || c == '$') {
        return inner_path();
    }
    if (c == '/') {
        return pattern();
    }
    return literal();
}

std::shared_ptr<const Program> Parser::inner_path() {
    auto program = std::make_shared<Program>();
    const auto from = cursor_.at;
    program->from_item = cursor_.peek() == '@';
    ++cursor_.at;
    steps(*program, Within::filter);
    program->text = cursor_.text.substr(from, cursor_.at - from);
    finish(*program);
    return program;
}

std::shared_ptr<const Regex> Parser::pattern() {
    const auto from = ++cursor_.at;
    while (!cursor_.ended() && cursor_.peek() != '/') {
        cursor_.at += cursor_.peek() == '\\' ? 2U : 1U;
    }
    if (cursor_.ended()) {
        fail_at(from, "the pattern is not closed");
    }
    const auto text = cursor_.text.substr(from, cursor_.at - from);
    const auto flags_from = ++cursor_.at;
    while (is_letter(cursor_.peek())) {
        ++cursor_.at;
    }
    try {
        return std::make_shared<Regex>(
            text, cursor_.text.substr(flags_from, cursor_.at - flags_from)
        );
    } catch (const std::invalid_argument& error) {
        fail_at(from, error.what());
    }
}

json::value Parser::literal() {
    cursor_.skip_blanks();
    switch (cursor_.peek()) {
        case '\'':
        case '"':
            return json::value(string());
        case '[':
        case '{':
            return structure();
        default:
            break;
    }
    if (cursor_.take("true")) {
        return true;
    }
    if (cursor_.take("false")) {
        return false;
    }
    if (cursor_.take("null")) {
        return nullptr;
    }
    return number_literal();
}

/// An array or an object; its texts may stand in quotes of either kind.
json::value Parser::structure() {
    const auto level = deeper();
    const bool is_array = cursor_.peek() == '[';
    const char close = is_array ? ']' : '}';
    json::array array;
    json::object object;
    ++cursor_.at;
    cursor_.skip_blanks();
    if (cursor_.peek() != close) {
        do {
            cursor_.skip_blanks();
            if (is_array) {
                array.push_back(literal());
            } else {
                auto key = string();
                expect(':', "after the key");
                object[key] = literal();
            }
            cursor_.skip_blanks();
        } while (cursor_.take(","));
    }
    expect(close, is_array ? "at the end of the array" : "at the end of the object");
    return is_array ? json::value(std::move(array)) : json::value(std::move(object));
}

std::string Parser::string() {
    const auto from = cursor_.at;
    const char quote = cursor_.peek();
    if (quote != '\'' && quote != '"') {
        fail(fmt::format("expected a quoted text instead of {}", cursor_.shown()));
    }
    ++cursor_.at;
    std::string text;
    while (!cursor_.ended() && cursor_.peek() != quote) {
        if (cursor_.peek() == '\\') {
            ++cursor_.at;
            text += escaped();
        } else {
            text += cursor_.peek();
            ++cursor_.at;
        }
    }
    if (cursor_.ended()) {
        fail_at(from, "the quote is not closed");
    }
    ++cursor_.at;
    return text;
}

/// What stands for the characters after a backslash.
std::string Parser::escaped() {
    const char c = cursor_.peek();
    if (!cursor_.ended()) {
        ++cursor_.at;
    }
    switch (c) {
        case 'n':
            return "\n";
        case 't':
            return "\t";
        case 'r':
            return "\r";
        case 'b':
            return "\b";
        case 'f':
            return "\f";
        case 'u':
            break;
        default:
            return {c};
    }
    unsigned code = 0;
    const auto digits = cursor_.text.substr(cursor_.at, 4);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || read.ptr != digits.data() + 4 || (code & 0xF800U) == 0xD800U) {
        fail("four hexadecimal digits of a character follow \\u");
    }
    cursor_.at += 4;
    std::string text;
    append_utf8(text, code);
    return text;
}

json::value Parser::number_literal() {
    const auto from = cursor_.at;
    static constexpr std::string_view kCharacters = "+-.eE";
    while (is_digit(cursor_.peek()) ||
           (!cursor_.ended() && kCharacters.find(cursor_.peek()) != std::string_view::npos)) {
        ++cursor_.at;
    }
    json::error_code error;
    auto number = json::parse(cursor_.text.substr(from, cursor_.at - from), error);
    if (error || !number.is_number()) {
        cursor_.at = from;
        fail(fmt::format("expected a value instead of {}", cursor_.shown()));
    }
    return number;
}

}  // namespace kiln::jsonpath
