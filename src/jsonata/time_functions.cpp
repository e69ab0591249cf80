#include "jsonata/date_picture.hpp"
#include "jsonata/date_time.hpp"
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <array>
#include <chrono>
#include <cmath>

namespace kiln::jsonata {

namespace {

double now_millis(const Evaluator& evaluator) {
    return static_cast<double>(std::chrono::floor<std::chrono::milliseconds>(evaluator.world().now)
                                   .time_since_epoch()
                                   .count());
}

std::optional<std::string_view> text_or_none(Value value) {
    return value.defined() ? std::optional{value.text()} : std::nullopt;
}

Value now(Evaluator& evaluator, const Arguments& arguments) {
    return evaluator.text(format_date_time(
        now_millis(evaluator), text_or_none(arguments[0]), text_or_none(arguments[1])
    ));
}

Value millis(Evaluator& evaluator, const Arguments&) {
    return Value::of(now_millis(evaluator));
}

Value from_millis(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    return evaluator.text(format_date_time(
        arguments[0].number, text_or_none(arguments[1]), text_or_none(arguments[2])
    ));
}

Value to_millis(Evaluator& evaluator, const Arguments& arguments) {
    if (!arguments[0].defined()) {
        return {};
    }
    const auto text = arguments[0].text();
    const auto out = arguments[1].defined()
                         ? parse_date_time(text, arguments[1].text(), now_millis(evaluator))
                         : parse_iso_8601(text);
    return out ? Value::of(*out) : Value{};
}

constexpr std::array kFunctions{
    Builtin{"now", "<s?s?:s>", 2, now},
    Builtin{"millis", "<:n>", 0, millis},
    Builtin{"toMillis", "<s-s?:n>", 2, to_millis},
    Builtin{"fromMillis", "<n-s?s?:s>", 3, from_millis},
};

}  // namespace

std::span<const Builtin> time_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
