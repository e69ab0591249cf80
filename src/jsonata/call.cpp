#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/matcher.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

/// What is called, in the words of the text.
std::string_view name_of(const Node& procedure) {
    return procedure.type == NodeType::path ? procedure.items.front()->text : procedure.text;
}

bool is_hole(Value value) {
    return value.is(Kind::undefined) && value.length == 1;
}

const void* pointer_of(Value value) {
    switch (value.kind) {
        case Kind::string:
            return value.chars;
        case Kind::array:
            return value.array;
        case Kind::object:
            return value.object;
        case Kind::function:
            return value.function;
        case Kind::tuple:
            return value.tuple;
        case Kind::undefined:
        case Kind::null:
        case Kind::boolean:
        case Kind::number:
        case Kind::json_array:
        case Kind::json_object:
            break;
    }
    return nullptr;  // the value itself, or a borrowed one
}

}  // namespace

Value Evaluator::enclose(Value function) {
    if (!function.is(Kind::function) || function.function->kind == FunctionKind::enclosed) {
        return function;
    }
    return Value::of(arena_.make<Function>(Function{
        .kind = FunctionKind::enclosed, .first = function.function}));
}

/// Was the `$` in front of a function's name forgotten?
bool Evaluator::named_without_dollar(const Node& procedure, Frame* frame) {
    if (procedure.type != NodeType::path) {
        return false;
    }
    const auto& name = *procedure.items.front();
    const auto bound = name.type == NodeType::name ? lookup(name.name, frame) : Value{};
    return bound.defined() || (name.type == NodeType::name && find_builtin(name.text) != nullptr);
}

Value Evaluator::call(const Node& node, Value input, Frame* frame, const Value* first) {
    const auto procedure = evaluate(*node.lhs, input, frame);
    const auto name = name_of(*node.lhs);
    if (!procedure.defined() && named_without_dollar(*node.lhs, frame)) {
        throw Failure{"T1005", node.position}.named(name);
    }
    std::vector<Value> arguments;
    arguments.reserve(node.items.size() + 1);
    if (first != nullptr) {
        arguments.push_back(*first);
    }
    for (const auto* const item : node.items) {
        arguments.push_back(enclose(evaluate(*item, input, frame)));
    }
    try {
        if (procedure.is(Kind::function)) {
            procedure.function->token = name;
            procedure.function->position = node.position;
        }
        return apply(procedure, arguments, input);
    } catch (Failure& failure) {
        if (failure.position == Failure::kNowhere) {
            failure.position = node.position;
        }
        if (!failure.token) {
            failure.token = std::string{name};
        }
        throw;
    }
}

Value Evaluator::apply(Value procedure, std::span<const Value> arguments, Value input) {
    if (++calls_ > deepest_) {
        throw Failure{Cause::stack};
    }
    const auto mark = arena_.mark();
    const bool rewritten = std::exchange(rewritten_, false);
    auto result = apply_once(procedure, arguments, input);
    std::vector<Value> next_arguments;
    while (result.is(Kind::function) && result.function->is_thunk()) {
        const auto& thunk = *result.function;
        const auto& node = *thunk.node->lhs;
        const auto next = evaluate(*node.lhs, thunk.input, thunk.frame);
        if (next.is(Kind::function)) {
            if (node.lhs->type == NodeType::variable) {
                next.function->token = node.lhs->text;
            }
            next.function->position = node.lhs->position;
        }
        next_arguments.clear();
        bool older = !rewritten_ && !arena_.newer(pointer_of(next), mark);
        for (const auto* const item : node.items) {
            next_arguments.push_back(evaluate(*item, thunk.input, thunk.frame));
            older = older && !arena_.newer(pointer_of(next_arguments.back()), mark);
        }
        if (older) {
            // Nothing that goes on needs what the call before has made: a loop by recursion stays
            // small.
            arena_.roll_back(mark);
        }
        result = apply_once(next, next_arguments, input);
    }
    rewritten_ = rewritten_ || rewritten;
    --calls_;
    return result;
}

Value Evaluator::apply_once(Value procedure, std::span<const Value> arguments, Value input) {
    tick();
    if (!procedure.is(Kind::function)) {
        throw Failure{"T1006"};
    }
    auto& function = *procedure.function;
    try {
        std::vector<Value> given{arguments.begin(), arguments.end()};
        return run_function(function, given, input);
    } catch (Failure& failure) {
        if (!failure.token && !function.token.empty()) {
            failure.token = std::string{function.token};
        }
        if (function.position != 0) {
            failure.position = function.position;
        }
        throw;
    }
}

Value Evaluator::run_function(Function& function, std::vector<Value>& arguments, Value input) {
    static const Signature kTransformSignature{"<(oa):o>"};
    switch (function.kind) {
        case FunctionKind::builtin:
            signature_of(*function.builtin).validate(arena_, arguments, input);
            return function.builtin->code(*this, Arguments{arguments});
        case FunctionKind::lambda:
            if (function.node->signature != nullptr) {
                function.node->signature->validate(arena_, arguments, input);
            }
            return call_lambda(function, arguments);
        case FunctionKind::enclosed:
            return apply(Value::of(function.first), arguments, Value::null());
        case FunctionKind::partial:
            return call_partial(function, arguments);
        case FunctionKind::chain: {
            arguments.resize(1);
            const auto between = apply(Value::of(function.first), arguments, Value::null());
            return apply(Value::of(function.second), {&between, 1}, Value::null());
        }
        case FunctionKind::transform:
            kTransformSignature.validate(arena_, arguments, input);
            return transform(function, arguments[0]);
        case FunctionKind::matcher:
        case FunctionKind::next_match:
            return match_value(*this, function, arguments);
    }
    return {};
}

Value Evaluator::call_lambda(const Function& lambda, std::span<const Value> arguments) {
    auto* const frame = make_frame(lambda.frame);
    const auto& parameters = lambda.node->items;
    for (std::size_t number = 0; number < parameters.size(); ++number) {
        frame->bindings.set(
            arena_,
            parameters[number]->name,
            number < arguments.size() ? arguments[number] : Value{}
        );
    }
    return evaluate(*lambda.node->lhs, lambda.input, frame);
}

Value Evaluator::call_partial(const Function& function, std::span<const Value> arguments) {
    const auto& target = *function.first;
    std::vector<Value> all(arity_of(target));
    std::size_t used = 0;
    for (std::size_t number = 0; number < all.size(); ++number) {
        const auto given = number < function.argument_count ? function.arguments[number] : Value{};
        if (!is_hole(given)) {
            all[number] = given;
        } else if (used < arguments.size()) {
            all[number] = arguments[used++];
        }
    }
    if (target.kind == FunctionKind::lambda) {
        return call_lambda(target, all);
    }
    return apply(Value::of(function.first), all, {});
}

Value Evaluator::partial(const Node& node, Value input, Frame* frame) {
    auto* const arguments = arena_.array<Value>(node.items.size());
    for (std::size_t number = 0; number < node.items.size(); ++number) {
        if (node.items[number]->type == NodeType::op) {
            arguments[number].length = 1;
        } else {
            arguments[number] = evaluate(*node.items[number], input, frame);
            arguments[number].length *= arguments[number].defined() ? 1U : 0U;
        }
    }
    const auto procedure = evaluate(*node.lhs, input, frame);
    if (!procedure.defined() && named_without_dollar(*node.lhs, frame)) {
        throw Failure{"T1007", node.position}.named(name_of(*node.lhs));
    }
    if (!procedure.is(Kind::function)) {
        throw Failure{"T1008", node.position}.named(name_of(*node.lhs));
    }
    const auto taken = std::min(node.items.size(), arity_of(*procedure.function));
    const auto holes = std::count_if(arguments, arguments + taken, is_hole);
    return Value::of(arena_.make<Function>(Function{
        .kind = FunctionKind::partial,
        .first = procedure.function,
        .arguments = arguments,
        .argument_count = static_cast<std::uint32_t>(node.items.size()),
        .arity = static_cast<std::uint32_t>(holes)}));
}

Value Evaluator::chain(const Node& node, Value input, Frame* frame) {
    const auto left = evaluate(*node.lhs, input, frame);
    if (node.rhs->type == NodeType::function) {
        return call(*node.rhs, input, frame, &left);
    }
    const auto function = evaluate(*node.rhs, input, frame);
    if (!function.is(Kind::function)) {
        throw Failure{"T2006", node.position}.about(describe(function));
    }
    if (left.is(Kind::function)) {
        return Value::of(arena_.make<Function>(Function{
            .kind = FunctionKind::chain, .first = left.function, .second = function.function}));
    }
    return apply(function, {&left, 1}, Value::null());
}

}  // namespace kiln::jsonata
