#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

constexpr double kLongestRange = 1e7;
constexpr int kDeepestTruth = 500;

bool is_comparable(Value value) {
    return value.is(Kind::string) || value.is(Kind::number);
}

Value arithmetic(Op op, Value left, Value right) {
    if (left.defined() && !is_numeric(left)) {
        throw Failure{"T2001"}.about(describe(left));
    }
    if (right.defined() && !is_numeric(right)) {
        throw Failure{"T2002"}.about(describe(right));
    }
    if (!left.defined() || !right.defined()) {
        return {};
    }
    const auto a = left.number;
    const auto b = right.number;
    return Value::of(
        op == Op::add        ? a + b
        : op == Op::subtract ? a - b
        : op == Op::multiply ? a * b
        : op == Op::divide   ? a / b
                             : std::fmod(a, b)
    );
}

template <class T>
bool ordered(Op op, const T& left, const T& right) {
    return op == Op::less         ? left < right
           : op == Op::less_equal ? left <= right
           : op == Op::greater    ? left > right
                                  : left >= right;
}

Value comparison(Op op, Value left, Value right) {
    const auto wrong = [](Value value) { return value.defined() && !is_comparable(value); };
    if (wrong(left) || wrong(right)) {
        throw Failure{"T2010"}.about(describe(is_comparable(left) ? right : left));
    }
    if (!left.defined() || !right.defined()) {
        return {};
    }
    if (left.kind != right.kind) {
        Failure failure{"T2009"};
        failure.value = describe(left);
        failure.value2 = describe(right);
        throw failure;
    }
    if (left.is(Kind::number)) {
        return Value::of(ordered(op, left.number, right.number));
    }
    return Value::of(ordered(op, compare_utf16(left.text(), right.text()), 0));
}

/// JavaScript's `===`: arrays and objects are equal only to themselves.
bool identical(Value left, Value right) {
    if (left.kind != right.kind) {
        return false;
    }
    if (left.is(Kind::array)) {
        return left.array == right.array;
    }
    if (left.is(Kind::object)) {
        return left.object == right.object;
    }
    if (left.is(Kind::json_array)) {
        return left.json_array == right.json_array;
    }
    return left.is(Kind::json_object) ? left.json_object == right.json_object
                                      : deep_equal(left, right);
}

bool included(Value left, Value right) {
    if (!left.defined() || !right.defined()) {
        return false;
    }
    if (!right.is_array()) {
        return identical(left, right);
    }
    for (std::size_t index = 0; index < size_of(right); ++index) {
        if (identical(left, item_of(right, index))) {
            return true;
        }
    }
    return false;
}

Value range(Evaluator& evaluator, Value left, Value right) {
    const auto wrong = [](Value value) {
        return value.defined() && !(value.is(Kind::number) && std::isfinite(value.number) &&
                                    value.number == std::trunc(value.number));
    };
    if (wrong(left)) {
        throw Failure{"T2003"}.about(describe(left));
    }
    if (wrong(right)) {
        throw Failure{"T2004"}.about(describe(right));
    }
    if (!left.defined() || !right.defined() || left.number > right.number) {
        return {};
    }
    const auto size = right.number - left.number + 1;
    if (size > kLongestRange) {
        throw Failure{"D2014"}.about(describe(Value::of(size)));
    }
    auto* const out = evaluator.make_sequence();
    out->set_range(left.number, static_cast<std::size_t>(size));
    return Value::of(out);
}

Value concatenated(Evaluator& evaluator, Value left, Value right) {
    const auto text = [&](Value value) -> std::string {
        return value.defined() ? text_of(evaluator, value) : std::string{};
    };
    if (left.is(Kind::string) && right.is(Kind::string)) {
        auto* const bytes =
            static_cast<char*>(evaluator.arena().allocate(std::size_t{left.length} + right.length));
        std::copy_n(left.chars, left.length, bytes);
        std::copy_n(right.chars, right.length, bytes + left.length);
        return Value::of(std::string_view{bytes, std::size_t{left.length} + right.length});
    }
    return evaluator.text(text(left) + text(right));
}

Value operation(Evaluator& evaluator, Op op, Value left, Value right) {
    switch (op) {
        case Op::add:
        case Op::subtract:
        case Op::multiply:
        case Op::divide:
        case Op::modulo:
            return arithmetic(op, left, right);
        case Op::equal:
        case Op::not_equal: {
            const bool both = left.defined() && right.defined();
            return Value::of(both && deep_equal(left, right) == (op == Op::equal));
        }
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
            return comparison(op, left, right);
        case Op::concat:
            return concatenated(evaluator, left, right);
        case Op::range:
            return range(evaluator, left, right);
        case Op::includes:
            return Value::of(included(left, right));
        case Op::none:
        case Op::conjunction:
        case Op::disjunction:
        case Op::dot:
        case Op::filter:
        case Op::group:
        case Op::order:
        case Op::assign:
        case Op::focus:
        case Op::position:
        case Op::chain:
            break;
    }
    return {};
}

}  // namespace

bool is_numeric(Value value) {
    if (!value.is(Kind::number) || std::isnan(value.number)) {
        return false;
    }
    if (!std::isfinite(value.number)) {
        throw Failure{"D1001"}.about("null");
    }
    return true;
}

bool truth(Value value, int depth) {
    if (depth > kDeepestTruth) {
        throw Failure{Cause::stack};
    }
    switch (value.kind) {
        case Kind::boolean:
            return value.boolean;
        case Kind::number:
            return is_numeric(value) && value.number != 0;
        case Kind::string:
            return value.length > 0;
        case Kind::array:
        case Kind::json_array:
            for (std::size_t index = 0; index < size_of(value); ++index) {
                if (truth(item_of(value, index), depth + 1)) {
                    return true;
                }
            }
            return false;
        case Kind::object:
        case Kind::json_object:
            return member_count(value) > 0;
        case Kind::tuple:
            return true;
        case Kind::undefined:
        case Kind::null:
        case Kind::function:
            break;
    }
    return false;
}

std::string text_of(Evaluator& evaluator, Value value) {
    if (value.is(Kind::string)) {
        return std::string{value.text()};
    }
    if (value.is(Kind::function)) {
        return {};
    }
    if (value.is(Kind::number) && !std::isfinite(value.number)) {
        throw Failure{"D3001"}.about("null");
    }
    if (value.is(Kind::array) && value.array->outer_wrapper) {
        value = value.array->at(0);
    }
    return to_text(value, Layout::compact, evaluator.arena());
}

Value Evaluator::binary(const Node& node, Value input, Frame* frame) {
    const auto left = evaluate(*node.lhs, input, frame);
    try {
        if (node.op == Op::conjunction) {
            return Value::of(truth(left) && truth(evaluate(*node.rhs, input, frame)));
        }
        if (node.op == Op::disjunction) {
            return Value::of(truth(left) || truth(evaluate(*node.rhs, input, frame)));
        }
    } catch (Failure& failure) {
        failure.position = node.position;
        failure.token = std::string{node.text};
        throw;
    }
    const auto right = evaluate(*node.rhs, input, frame);
    try {
        return operation(*this, node.op, left, right);
    } catch (Failure& failure) {
        failure.position = node.position;
        failure.token = std::string{node.text};
        throw;
    }
}

}  // namespace kiln::jsonata
