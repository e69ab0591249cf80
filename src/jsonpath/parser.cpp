#include "jsonpath/parser.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

constexpr std::size_t kLongestVariable = 80;

bool starts_name(char c) noexcept {
    return is_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_single(const Step& step) noexcept {
    return step.kind == Step::Kind::name || step.kind == Step::Kind::index;
}

/// Within a filter these end a path, if they stand in no name in brackets.
bool ends_inner_path(const Cursor& cursor) noexcept {
    static constexpr std::string_view kEnds = " \t\r\n<>=~!),]";
    return cursor.ended() || kEnds.find(cursor.peek()) != std::string_view::npos ||
           (cursor.peek() == '&' && cursor.peek(1) == '&') ||
           (cursor.peek() == '|' && cursor.peek(1) == '|');
}

}  // namespace

void Parser::fail(std::string message) const {
    fail_at(cursor_.at, std::move(message));
}

void Parser::fail_at(std::size_t at, std::string message) const {
    throw PathError{Fault::syntax, std::string{cursor_.text}, at, std::move(message)};
}

void Parser::expect(char c, std::string_view where) {
    cursor_.skip_blanks();
    if (cursor_.peek() != c || cursor_.ended()) {
        fail(fmt::format("expected '{}' {} instead of {}", c, where, cursor_.shown()));
    }
    ++cursor_.at;
}

Program Parser::path() {
    if (cursor_.text.size() > kLongestText) {
        throw PathError{Fault::limit, "", 0, "the path is longer than 64 KiB"};
    }
    Program program;
    program.text = cursor_.text;
    while (!cursor_.text.empty() && cursor_.text.back() == ' ') {
        cursor_.text.remove_suffix(1);
    }
    cursor_.skip_blanks();
    program.root = root();
    steps(program, Within::text);
    finish(program);
    return program;
}

Root Parser::root() {
    if (!cursor_.take("$")) {
        fail("a path starts with '$'");
    }
    if (cursor_.take("$")) {
        return {RootKind::context, ""};
    }
    if (!starts_name(cursor_.peek())) {
        return {};
    }
    const auto from = cursor_.at;
    while (starts_name(cursor_.peek()) || is_digit(cursor_.peek())) {
        ++cursor_.at;
    }
    const auto name = cursor_.text.substr(from, cursor_.at - from);
    if (name.size() > 4 * kLongestVariable) {
        fail_at(from, "the variable's name is longer than 80 characters");
    }
    return {RootKind::variable, std::string{name}};
}

void Parser::steps(Program& program, Within within) {
    const auto add = [&](Step step) {
        if (program.steps.size() == kMostSteps) {
            throw PathError{
                Fault::limit, std::string{cursor_.text}, 0, "the path has more than 256 steps"};
        }
        program.steps.push_back(std::move(step));
    };
    while (!cursor_.ended() && !(within == Within::filter && ends_inner_path(cursor_))) {
        if (!program.steps.empty() && program.steps.back().kind == Step::Kind::length) {
            fail("nothing may follow a function");
        }
        if (cursor_.peek() == '[') {
            add(bracket(program));
        } else if (cursor_.take("..")) {
            add({.kind = Step::Kind::scan});
            add(cursor_.peek() == '[' ? bracket(program) : after_dot(program, within));
        } else if (cursor_.take(".")) {
            add(cursor_.peek() == '[' ? bracket(program) : after_dot(program, within));
        } else {
            fail(fmt::format("expected '.' or '[' instead of {}", cursor_.shown()));
        }
    }
}

/// A name, `*` or `length()`. A backslash takes the next character as it is.
Step Parser::after_dot(Program& program, Within within) {
    if (cursor_.take("*")) {
        return {.kind = Step::Kind::wildcard};
    }
    const auto from = cursor_.at;
    std::string name;
    while (!cursor_.ended() && cursor_.peek() != '.' && cursor_.peek() != '[' &&
           !(within == Within::filter && ends_inner_path(cursor_))) {
        if (cursor_.peek() == '(') {
            if (name == "length" && cursor_.take("()")) {
                return {.kind = Step::Kind::length};
            }
            fail_at(from, fmt::format("there is no function '{}' in paths, only length()", name));
        }
        if (cursor_.peek() == ' ') {
            fail("a name with a blank stands in brackets: ['a b']");
        }
        if (cursor_.peek() == '\\') {
            ++cursor_.at;
            if (cursor_.ended()) {
                fail("nothing follows the backslash");
            }
        } else if (std::string_view{"@,:?*"}.find(cursor_.peek()) != std::string_view::npos) {
            program.reference = false;
        }
        name += cursor_.peek();
        ++cursor_.at;
    }
    if (name.empty()) {
        fail(fmt::format("expected a name, '*' or '[' instead of {}", cursor_.shown()));
    }
    return {.kind = Step::Kind::name, .names = {std::move(name)}};
}

Step Parser::bracket(Program& program) {
    ++cursor_.at;
    cursor_.skip_blanks();
    const char c = cursor_.peek();
    Step step;
    if (c == '\'' || c == '"') {
        step = quoted_names();
    } else if (is_digit(c) || c == '-' || c == ':') {
        step = numbers();
    } else if (cursor_.take("*")) {
        step.kind = Step::Kind::wildcard;
    } else if (cursor_.take("?")) {
        if (++filters_ > kDeepestFilters) {
            throw PathError{
                Fault::limit,
                std::string{cursor_.text},
                0,
                "filters stand within filters deeper than 16"};
        }
        expect('(', "after '?'");
        step.kind = Step::Kind::filter;
        step.filter = std::make_shared<FilterNode>(any());
        expect(')', "at the end of the filter");
        --filters_;
    } else {
        fail(fmt::format("expected a quote, a number, '*' or '?' instead of {}", cursor_.shown()));
    }
    expect(']', "at the end of the bracket");
    program.reference = program.reference && is_single(step);
    return step;
}

Step Parser::quoted_names() {
    Step step;
    do {
        cursor_.skip_blanks();
        const char quote = cursor_.peek();
        if (quote != '\'' && quote != '"') {
            fail(fmt::format("expected a quoted name instead of {}", cursor_.shown()));
        }
        step.names.push_back(quoted_name(quote));
        cursor_.skip_blanks();
    } while (cursor_.take(","));
    step.kind = step.names.size() == 1 ? Step::Kind::name : Step::Kind::names;
    return step;
}

/// Only the quote itself can be escaped; every other backslash is part of the name (recorded).
std::string Parser::quoted_name(char quote) {
    const auto from = cursor_.at++;
    std::string name;
    while (!cursor_.ended() && cursor_.peek() != quote) {
        if (cursor_.peek() == '\\' && cursor_.peek(1) == quote) {
            ++cursor_.at;
        }
        name += cursor_.peek();
        ++cursor_.at;
    }
    if (cursor_.ended()) {
        fail_at(from, "the quote is not closed");
    }
    ++cursor_.at;
    return name;
}

Step Parser::numbers() {
    Step step{.kind = Step::Kind::index};
    if (cursor_.peek() != ':') {
        step.indexes.push_back(number());
        cursor_.skip_blanks();
    }
    if (cursor_.take(":")) {
        step.kind = Step::Kind::slice;
        cursor_.skip_blanks();
        if (!step.indexes.empty()) {
            step.from = step.indexes.front();
        }
        if (is_digit(cursor_.peek()) || cursor_.peek() == '-') {
            step.to = number();
        }
        if (!step.from && !step.to) {
            fail("a slice has at least one bound");
        }
        return step;
    }
    while (cursor_.take(",")) {
        cursor_.skip_blanks();
        step.indexes.push_back(number());
        cursor_.skip_blanks();
    }
    if (step.indexes.size() > 1) {
        step.kind = Step::Kind::indexes;
    }
    return step;
}

std::int64_t Parser::number() {
    const auto* begin = cursor_.text.data() + cursor_.at;
    std::int32_t number = 0;
    const auto read = std::from_chars(begin, cursor_.text.data() + cursor_.text.size(), number);
    if (read.ec == std::errc::result_out_of_range) {
        fail("the index does not fit 32 bits");
    }
    if (read.ec != std::errc{}) {
        fail(fmt::format("expected a number instead of {}", cursor_.shown()));
    }
    cursor_.at += static_cast<std::size_t>(read.ptr - begin);
    return number;
}

void Parser::finish(Program& program) const {
    const auto& steps = program.steps;
    program.simple = std::all_of(steps.begin(), steps.end(), is_single);
    const bool made = !steps.empty() && (steps.back().kind == Step::Kind::names ||
                                         steps.back().kind == Step::Kind::length);
    program.definite =
        program.simple || (made && (steps.back().kind == Step::Kind::length ||
                                    std::all_of(steps.begin(), steps.end() - 1, is_single)));
    program.reference = program.reference && program.simple;
}

}  // namespace kiln::jsonpath
