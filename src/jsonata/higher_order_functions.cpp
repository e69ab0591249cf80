#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <array>

namespace kiln::jsonata {

namespace {

/// Calls `function` with as many of value, position or key, and whole as it takes.
Value call_with(Evaluator& evaluator, Value function, Value value, Value place, Value whole) {
    const Value arguments[] = {value, place, whole};
    const auto arity = function.is(Kind::function) ? arity_of(*function.function) : 1;
    const std::size_t count = arity >= 3 ? 3 : arity >= 2 ? 2 : 1;
    return evaluator.apply(function, std::span{arguments, count}, {});
}

Value position(std::size_t index) {
    return Value::of(static_cast<double>(index));
}

Value map(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.defined()) {
        return {};
    }
    auto* const out = evaluator.make_sequence();
    for (std::size_t index = 0; index < size_of(array); ++index) {
        const auto value =
            call_with(evaluator, arguments[1], item_of(array, index), position(index), array);
        if (value.defined()) {
            out->push(evaluator.arena(), value);
        }
    }
    return Value::of(out);
}

Value filter(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.defined()) {
        return {};
    }
    auto* const out = evaluator.make_sequence();
    for (std::size_t index = 0; index < size_of(array); ++index) {
        const auto item = item_of(array, index);
        if (truth(call_with(evaluator, arguments[1], item, position(index), array))) {
            out->push(evaluator.arena(), item);
        }
    }
    return Value::of(out);
}

Value single(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.defined()) {
        return {};
    }
    bool found = false;
    Value out;
    for (std::size_t index = 0; index < size_of(array); ++index) {
        const auto item = item_of(array, index);
        if (arguments[1].defined() &&
            !truth(call_with(evaluator, arguments[1], item, position(index), array))) {
            continue;
        }
        if (found) {
            throw Failure{"D3138"};
        }
        found = true;
        out = item;
    }
    if (!found) {
        throw Failure{"D3139"};
    }
    return out;
}

Value reduce(Evaluator& evaluator, const Arguments& arguments) {
    const auto array = arguments[0];
    if (!array.defined()) {
        return {};
    }
    const auto function = arguments[1];
    const auto arity = function.is(Kind::function) ? arity_of(*function.function) : 0;
    if (arity < 2) {
        throw Failure{"D3050"};
    }
    const auto size = size_of(array);
    const bool from_first = !arguments[2].defined() && size > 0;
    auto out = from_first ? item_of(array, 0) : arguments[2];
    for (std::size_t index = from_first ? 1 : 0; index < size; ++index) {
        const Value given[] = {out, item_of(array, index), position(index), array};
        out = evaluator.apply(function, std::span{given, std::min<std::size_t>(arity, 4)}, {});
    }
    return out;
}

Value each(Evaluator& evaluator, const Arguments& arguments) {
    auto* const out = evaluator.make_sequence();
    if (arguments[0].is_object()) {
        each_member(arguments[0], [&](std::string_view key, Value member) {
            const auto value =
                call_with(evaluator, arguments[1], member, Value::of(key), arguments[0]);
            if (value.defined()) {
                out->push(evaluator.arena(), value);
            }
        });
    }
    return Value::of(out);
}

Value sift(Evaluator& evaluator, const Arguments& arguments) {
    auto* const out = evaluator.arena().make<Object>();
    if (arguments[0].is_object()) {
        each_member(arguments[0], [&](std::string_view key, Value member) {
            if (truth(call_with(evaluator, arguments[1], member, Value::of(key), arguments[0]))) {
                out->set(evaluator.arena(), key, member);
            }
        });
    }
    return out->entries().empty() ? Value{} : Value::of(out);
}

constexpr std::array kFunctions{
    Builtin{"map", "<af>", 2, map},
    Builtin{"filter", "<af>", 2, filter},
    Builtin{"single", "<af?>", 2, single},
    Builtin{"reduce", "<afj?:j>", 3, reduce},
    Builtin{"each", "<o-f:a>", 2, each},
    Builtin{"sift", "<o-f?:o>", 2, sift},
};

}  // namespace

std::span<const Builtin> higher_order_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata
