#include "base/base64.hpp"
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <array>
#include <cmath>

namespace kiln::jsonata {

namespace {

Value string(Evaluator& evaluator, const Arguments& arguments) {
    const auto value = arguments[0];
    if (!value.defined() || value.is(Kind::string)) {
        return value;
    }
    if (truth(arguments[1]) && (value.is_array() || value.is_object())) {
        const bool wrapped = value.is(Kind::array) && value.array->outer_wrapper;
        return evaluator.text(
            to_text(wrapped ? value.array->at(0) : value, Layout::indented, evaluator.arena())
        );
    }
    return evaluator.text(text_of(evaluator, value));
}

/// A position as JavaScript's `slice` takes it: whole, from the end if negative, within the text.
std::size_t slice_position(double position, std::size_t size) {
    auto whole = std::trunc(position);
    whole += whole < 0 ? static_cast<double>(size) : 0;
    return whole <= 0                           ? 0
           : whole >= static_cast<double>(size) ? size
                                                : static_cast<std::size_t>(whole);
}

/// Part of a text, by code points.
std::string_view slice(std::string_view text, double from, double to) {
    const auto starts = code_point_starts(text);
    const auto size = starts.size() - 1;
    const auto first = slice_position(from, size);
    const auto last = slice_position(to, size);
    return first >= last ? std::string_view{}
                         : text.substr(starts[first], starts[last] - starts[first]);
}

Value substring(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto text = arguments[0].text();
    const auto size = static_cast<double>(count_code_points(text));
    auto start = arguments[1].defined() ? std::floor(arguments[1].number) : 0;
    start = size + start < 0 ? 0 : start;
    if (!arguments[2].defined()) {
        return Value::of(slice(text, start, size));
    }
    const auto length = std::floor(arguments[2].number);
    if (length <= 0) {
        return Value::of(std::string_view{""});
    }
    const auto end = start >= 0 ? start + length : size + start + length;
    return Value::of(slice(text, start, end));
}

Value substring_before(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return arguments[0];
    }
    const auto text = arguments[0].text();
    return Value::of(text.substr(0, text.find(arguments[1].text())));
}

Value substring_after(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return arguments[0];
    }
    const auto text = arguments[0].text();
    const auto at = text.find(arguments[1].text());
    return at == std::string_view::npos ? arguments[0]
                                        : Value::of(text.substr(at + arguments[1].length));
}

Value lowercase(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[0].defined() ? evaluator.text(lower(arguments[0].text())) : Value{};
}

Value uppercase(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[0].defined() ? evaluator.text(upper(arguments[0].text())) : Value{};
}

Value length(Evaluator&, const Arguments& arguments) {
    return arguments[0].defined()
               ? Value::of(static_cast<double>(count_code_points(arguments[0].text())))
               : Value{};
}

Value trim(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    std::string out;
    bool blank = false;
    for (const char letter : arguments[0].text()) {
        if (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') {
            blank = true;
            continue;
        }
        if (blank && !out.empty()) {
            out += ' ';
        }
        blank = false;
        out += letter;
    }
    return evaluator.text(out);
}

Value pad(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined() || !arguments[1].defined()) {
        return arguments[0];
    }
    const auto text = arguments[0].text();
    const auto width = std::floor(arguments[1].number);
    const auto missing = std::abs(width) - static_cast<double>(count_code_points(text));
    if (!(missing > 0)) {
        return arguments[0];
    }
    const auto filler = arguments[2].defined() && arguments[2].length > 0 ? arguments[2].text()
                                                                          : std::string_view{" "};
    evaluator.arena().check_room(
        missing < 1e12 ? static_cast<std::size_t>(missing) * 4 : std::size_t{1} << 60
    );
    const auto starts = code_point_starts(filler);
    const auto count = starts.size() - 1;
    std::string padding;
    const auto wanted = static_cast<std::size_t>(missing);
    for (std::size_t number = 0; number < wanted; ++number) {
        const auto at = number % count;
        padding += filler.substr(starts[at], starts[at + 1] - starts[at]);
    }
    return evaluator.text(width > 0 ? std::string{text} + padding : padding + std::string{text});
}

Value join(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto separator = arguments[1].defined() ? arguments[1].text() : std::string_view{};
    std::string out;
    for (std::size_t index = 0; index < size_of(arguments[0]); ++index) {
        evaluator.tick();
        out += index == 0 ? std::string_view{} : separator;
        const auto item = item_of(arguments[0], index);
        out += item.is(Kind::string) ? item.text() : std::string_view{};
        evaluator.arena().check_room(out.size());
    }
    return evaluator.text(out);
}

/// The bytes that `btoa` and Node's latin1 see: one for each UTF-16 unit.
std::string to_latin1(std::string_view text) {
    std::string out;
    for (const auto code : code_points(text)) {
        if (code >= 0x10000) {
            out += static_cast<char>((0xD800 + ((code - 0x10000) >> 10U)) & 0xFFU);
            out += static_cast<char>((0xDC00 + ((code - 0x10000) & 0x3FFU)) & 0xFFU);
        } else {
            out += static_cast<char>(code & 0xFFU);
        }
    }
    return out;
}

Value base64encode(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[0].defined() ? evaluator.text(to_base64(to_latin1(arguments[0].text())))
                                  : Value{};
}

int base64_digit(char letter) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto plain = letter == '-' ? '+' : letter == '_' ? '/' : letter;
    const auto found = kDigits.find(plain);
    return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

/// As Node reads it: what is no digit is skipped, padding ends the text, and may be absent.
Value base64decode(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char letter : arguments[0].text()) {
        if (letter == '=') {
            break;
        }
        const auto digit = base64_digit(letter);
        if (digit < 0) {
            continue;
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            append_code_point(out, (bits >> count) & 0xFFU);
        }
    }
    return evaluator.text(out);
}

constexpr std::array kFunctions{
    Builtin{"string", "<x-b?:s>", 1, string},
    Builtin{"substring", "<s-nn?:s>", 3, substring},
    Builtin{"substringBefore", "<s-s:s>", 2, substring_before},
    Builtin{"substringAfter", "<s-s:s>", 2, substring_after},
    Builtin{"lowercase", "<s-:s>", 1, lowercase},
    Builtin{"uppercase", "<s-:s>", 1, uppercase},
    Builtin{"length", "<s-:n>", 1, length},
    Builtin{"trim", "<s-:s>", 1, trim},
    Builtin{"pad", "<s-ns?:s>", 3, pad},
    Builtin{"join", "<a<s>s?:s>", 2, join},
    Builtin{"base64encode", "<s-:s>", 1, base64encode},
    Builtin{"base64decode", "<s-:s>", 1, base64decode},
};

}  // namespace

std::span<const Builtin> string_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
