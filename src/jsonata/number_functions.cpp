#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/format_number.hpp"
#include "jsonata/integer_picture.hpp"
#include "jsonata/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace kiln::jsonata {

namespace {

template <class Fold>
Value folded(Evaluator& evaluator, Value array, double start, Fold fold) {
    double out = start;
    for (std::size_t index = 0; index < size_of(array); ++index) {
        evaluator.tick();
        const auto item = item_of(array, index);
        out = fold(out, item.is(Kind::number) ? item.number : std::nan(""));
    }
    return Value::of(out);
}

Value sum(Evaluator& evaluator, const Arguments& arguments) {
    return arguments[0].defined() ? folded(evaluator, arguments[0], 0, std::plus<double>{})
                                  : Value{};
}

Value count(Evaluator&, const Arguments& arguments) {
    return Value::of(arguments[0].defined() ? static_cast<double>(size_of(arguments[0])) : 0.0);
}

bool is_empty(Value array) {
    return !array.defined() || size_of(array) == 0;
}

Value max(Evaluator& evaluator, const Arguments& arguments) {
    return is_empty(arguments[0])
               ? Value{}
               : folded(evaluator, arguments[0], -HUGE_VAL, [](double a, double b) {
                     return std::max(a, b);
                 });
}

Value min(Evaluator& evaluator, const Arguments& arguments) {
    return is_empty(arguments[0])
               ? Value{}
               : folded(evaluator, arguments[0], HUGE_VAL, [](double a, double b) {
                     return std::min(a, b);
                 });
}

Value average(Evaluator& evaluator, const Arguments& arguments) {
    if (is_empty(arguments[0])) {
        return {};
    }
    const auto total = folded(evaluator, arguments[0], 0, std::plus<double>{});
    return Value::of(total.number / static_cast<double>(size_of(arguments[0])));
}

bool is_decimal(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const auto start = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            ++at;
        }
        return at > start;
    };
    if (!digits()) {
        return false;
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (!digits()) {
            return false;
        }
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
        if (!digits()) {
            return false;
        }
    }
    return at == text.size();
}

/// `0x…`, `0o…`, `0b…`.
std::optional<double> with_radix(std::string_view text) {
    if (text.size() < 3 || text[0] != '0') {
        return std::nullopt;
    }
    const char mark = static_cast<char>(text[1] | 0x20);
    const int radix = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    double out = 0;
    for (const char letter : text.substr(2)) {
        int digit = 0;
        const auto end = std::from_chars(&letter, &letter + 1, digit, radix == 0 ? 10 : radix).ptr;
        if (radix == 0 || end != &letter + 1) {
            return std::nullopt;
        }
        out = out * radix + digit;
    }
    return out;
}

Value number(Evaluator&, const Arguments& arguments) {
    const auto value = arguments[0];
    if (!value.defined() || value.is(Kind::number)) {
        return value;
    }
    if (value.is(Kind::boolean)) {
        return Value::of(value.boolean ? 1.0 : 0.0);
    }
    if (value.is(Kind::string)) {
        const auto text = value.text();
        const auto decimal = is_decimal(text) ? parse_number(text) : HUGE_VAL;
        if (std::isfinite(decimal)) {
            return Value::of(decimal);
        }
        if (const auto out = with_radix(text)) {
            return Value::of(*out);
        }
    }
    Failure failure{"D3030"};
    failure.value = describe(value);
    failure.index = 1;
    throw failure;
}

template <double (*kFunction)(double)>
Value mapped(Evaluator&, const Arguments& arguments) {
    return arguments[0].defined() ? Value::of(kFunction(arguments[0].number)) : Value{};
}

double absolute(double number) {
    return std::abs(number);
}

double floor_of(double number) {
    return std::floor(number);
}

double ceiling(double number) {
    return std::ceil(number);
}

int places_of(Value value) {
    return value.defined() ? static_cast<int>(std::clamp(std::floor(value.number), -400.0, 400.0))
                           : 0;
}

Value round(Evaluator&, const Arguments& arguments) {
    return arguments[0].defined()
               ? Value::of(round_number(arguments[0].number, places_of(arguments[1])))
               : Value{};
}

Value sqrt(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    if (arguments[0].number < 0) {
        throw Failure{"D3060"}.about(describe(arguments[0]));
    }
    return Value::of(std::sqrt(arguments[0].number));
}

Value power(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto exponent = arguments[1].defined() ? arguments[1].number : std::nan("");
    const auto out = std::pow(arguments[0].number, exponent);
    if (!std::isfinite(out)) {
        Failure failure{"D3061"};
        failure.value = describe(arguments[0]);
        failure.exponent = describe(arguments[1]);
        throw failure;
    }
    return Value::of(out);
}

Value format_base(Evaluator& evaluator, const Arguments& arguments) {
    static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    if (!arguments[0].defined()) {
        return {};
    }
    const auto value = round_number(arguments[0].number, 0);
    const auto radix = arguments[1].defined() ? round_number(arguments[1].number, 0) : 10;
    if (!(radix >= 2 && radix <= 36)) {
        throw Failure{"D3100"}.about(describe(Value::of(radix)));
    }
    if (radix == 10 || !std::isfinite(value)) {
        return evaluator.text(number_text(value));
    }
    std::string out;
    for (auto rest = std::abs(value); rest >= 1 || out.empty(); rest = std::floor(rest / radix)) {
        out += kDigits[static_cast<std::size_t>(std::fmod(rest, radix))];
    }
    out += value < 0 ? "-" : "";
    std::reverse(out.begin(), out.end());
    return evaluator.text(out);
}

Value boolean(Evaluator&, const Arguments& arguments) {
    return arguments[0].defined() ? Value::of(truth(arguments[0])) : Value{};
}

Value negation(Evaluator&, const Arguments& arguments) {
    return arguments[0].defined() ? Value::of(!truth(arguments[0])) : Value{};
}

Value format_number_of(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto picture = arguments[1].defined() ? arguments[1].text() : std::string_view{};
    return evaluator.text(format_number(arguments[0].number, picture, arguments[2]));
}

Value format_integer_of(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto picture = arguments[1].defined() ? arguments[1].text() : std::string_view{};
    return evaluator.text(
        format_integer(std::floor(arguments[0].number), read_integer_picture(picture))
    );
}

Value parse_integer_of(Evaluator&, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto picture = arguments[1].defined() ? arguments[1].text() : std::string_view{};
    const auto out = parse_integer(arguments[0].text(), read_integer_picture(picture));
    return out ? Value::of(*out) : Value{};
}

constexpr std::array kFunctions{
    Builtin{"sum", "<a<n>:n>", 1, sum},
    Builtin{"count", "<a:n>", 1, count},
    Builtin{"max", "<a<n>:n>", 1, max},
    Builtin{"min", "<a<n>:n>", 1, min},
    Builtin{"average", "<a<n>:n>", 1, average},
    Builtin{"number", "<(nsb)-:n>", 1, number},
    Builtin{"floor", "<n-:n>", 1, mapped<floor_of>},
    Builtin{"ceil", "<n-:n>", 1, mapped<ceiling>},
    Builtin{"abs", "<n-:n>", 1, mapped<absolute>},
    Builtin{"round", "<n-n?:n>", 2, round},
    Builtin{"sqrt", "<n-:n>", 1, sqrt},
    Builtin{"power", "<n-n:n>", 2, power},
    Builtin{"formatNumber", "<n-so?:s>", 3, format_number_of},
    Builtin{"formatBase", "<n-n?:s>", 2, format_base},
    Builtin{"formatInteger", "<n-s:s>", 2, format_integer_of},
    Builtin{"parseInteger", "<s-s:n>", 2, parse_integer_of},
    Builtin{"boolean", "<x-:b>", 1, boolean},
    Builtin{"not", "<x-:b>", 1, negation},
};

}  // namespace

std::span<const Builtin> number_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
