#include "jsonpath/call.hpp"
#include "jsonpath/cursor.hpp"
#include "jsonpath/program.hpp"

#include <fmt/format.h>

namespace kiln::jsonpath {

namespace {

constexpr std::string_view kPrefix = "States.";

/// Reads calls from the outside in.
class CallParser {
  public:
    explicit CallParser(std::string_view text) : cursor_{text, 0} {}

    std::shared_ptr<const Call> whole() {
        if (cursor_.text.size() > kLongestText) {
            throw IntrinsicError{Fault::limit, "", 0, "the text is longer than 64 KiB"};
        }
        cursor_.skip_blanks();
        auto made = call(1);
        cursor_.skip_blanks();
        if (!cursor_.ended()) {
            fail(fmt::format("expected the end after the call instead of {}", cursor_.shown()));
        }
        return made;
    }

  private:
    [[noreturn]] void fail_at(std::size_t at, std::string message, Fault fault = Fault::syntax) {
        throw IntrinsicError{fault, std::string{cursor_.text}, at, std::move(message)};
    }

    [[noreturn]] void fail(std::string message) { fail_at(cursor_.at, std::move(message)); }

    std::shared_ptr<const Call> call(std::size_t depth) {
        const auto from = cursor_.at;
        if (depth > kDeepestCalls) {
            fail_at(from, "calls stand within calls deeper than 10", Fault::limit);
        }
        auto made = std::make_shared<Call>();
        made->function = function();
        arguments(*made, depth);
        const auto& function = *made->function;
        const auto count = made->arguments.size();
        if (count < function.fewest || count > function.most) {
            const auto wanted = function.fewest == function.most
                                    ? fmt::format("{}", function.fewest)
                                : function.most == kMostArguments
                                    ? fmt::format("at least {}", function.fewest)
                                    : fmt::format("{} or {}", function.fewest, function.most);
            fail_at(
                from,
                fmt::format("States.{} takes {} arguments, not {}", function.name, wanted, count)
            );
        }
        made->text = cursor_.text.substr(from, cursor_.at - from);
        return made;
    }

    const Function* function() {
        const auto from = cursor_.at;
        if (!cursor_.take(kPrefix)) {
            fail(fmt::format("expected 'States.' instead of {}", cursor_.shown()));
        }
        const auto name_from = cursor_.at;
        while (is_letter(cursor_.peek()) || is_digit(cursor_.peek())) {
            ++cursor_.at;
        }
        const auto name = cursor_.text.substr(name_from, cursor_.at - name_from);
        const auto* found = find_function(name);
        if (found == nullptr) {
            fail_at(
                from,
                fmt::format("there is no function States.{}; there are {}", name, function_names())
            );
        }
        return found;
    }

    void arguments(Call& made, std::size_t depth) {
        if (!cursor_.take("(")) {
            fail(fmt::format("expected '(' instead of {}", cursor_.shown()));
        }
        cursor_.skip_blanks();
        if (cursor_.take(")")) {
            return;
        }
        do {
            if (++count_ > kMostArguments) {
                fail_at(cursor_.at, "there are more than 256 arguments", Fault::limit);
            }
            cursor_.skip_blanks();
            const bool as_written = made.function->name == "Format" && made.arguments.empty();
            made.arguments.push_back(argument(depth, as_written));
            cursor_.skip_blanks();
        } while (cursor_.take(","));
        if (!cursor_.take(")")) {
            fail(fmt::format("expected ',' or ')' instead of {}", cursor_.shown()));
        }
    }

    Argument argument(std::size_t depth, bool as_written) {
        const char c = cursor_.peek();
        if (c == '\'') {
            return json::value(text(as_written));
        }
        if (c == '$') {
            return path();
        }
        if (c == 'S') {
            return call(depth + 1);
        }
        return word();
    }

    /// @param as_written  keeps the backslashes, which States.Format itself reads
    std::string text(bool as_written) {
        const auto from = cursor_.at++;
        std::string text;
        while (!cursor_.ended() && cursor_.peek() != '\'') {
            if (cursor_.peek() == '\\') {
                const char next = cursor_.peek(1);
                if (next != '\'' && next != '\\' && next != '{' && next != '}') {
                    fail("a backslash stands before ', \\, { or } only");
                }
                text += as_written ? "\\" : "";
                ++cursor_.at;
            }
            text += cursor_.peek();
            ++cursor_.at;
        }
        if (cursor_.ended()) {
            fail_at(from, "the quote is not closed");
        }
        ++cursor_.at;
        return text;
    }

    /// Up to a comma, a blank or a closing parenthesis that is not within brackets.
    Path path() {
        const auto from = cursor_.at;
        std::size_t brackets = 0;
        std::size_t parentheses = 0;
        char quote = '\0';
        for (; !cursor_.ended(); ++cursor_.at) {
            const char c = cursor_.peek();
            if (c == '\\') {
                ++cursor_.at;
            } else if (quote != '\0') {
                quote = c == quote ? '\0' : quote;
            } else if (brackets > 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == '[' || c == ']') {
                brackets += c == '[' ? 1 : brackets > 0 ? std::size_t(-1) : 0;
            } else if (c == '(') {
                ++parentheses;
            } else if (c == ')' && parentheses > 0) {
                --parentheses;
            } else if (brackets == 0 && parentheses == 0 && (c == ',' || c == ')' || c == ' ')) {
                break;
            }
        }
        cursor_.at = std::min(cursor_.at, cursor_.text.size());
        try {
            return Path::compile(cursor_.text.substr(from, cursor_.at - from));
        } catch (const PathError& error) {
            fail_at(from + error.position(), error.message(), error.fault());
        }
    }

    /// true, false, null or a number.
    json::value word() {
        const auto from = cursor_.at;
        while (!cursor_.ended() && cursor_.peek() != ',' && cursor_.peek() != ')' &&
               cursor_.peek() != ' ') {
            ++cursor_.at;
        }
        const auto text = cursor_.text.substr(from, cursor_.at - from);
        json::error_code error;
        auto value = json::parse(text, error);
        if (error || value.is_structured() || value.is_string()) {
            cursor_.at = from;
            fail(fmt::format(
                "expected a quoted string, a number, true, false, null, a path or a call "
                "instead of {}",
                cursor_.shown()
            ));
        }
        return value;
    }

    Cursor cursor_;
    std::size_t count_ = 0;
};

}  // namespace

std::shared_ptr<const Call> parse_call(std::string_view text) {
    return CallParser{text}.whole();
}

}  // namespace kiln::jsonpath
