#include "jsonata/evaluator.hpp"

#include "jsonata/failure.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

/// Values within values that a walk over them goes down.
constexpr int kDeepestWalk = 500;

void flatten(Evaluator& evaluator, Value value, Array& out, int depth) {
    if (depth > kDeepestWalk) {
        throw Failure{Cause::stack};
    }
    if (!value.is_array()) {
        out.push(evaluator.arena(), value);
        return;
    }
    for (std::size_t index = 0; index < size_of(value); ++index) {
        flatten(evaluator, item_of(value, index), out, depth + 1);
    }
}

void collect_descendants(Evaluator& evaluator, Value value, Array& out, int depth) {
    if (depth > kDeepestWalk) {
        throw Failure{Cause::stack};
    }
    evaluator.tick();
    if (value.is_array()) {
        for (std::size_t index = 0; index < size_of(value); ++index) {
            collect_descendants(evaluator, item_of(value, index), out, depth + 1);
        }
        return;
    }
    out.push(evaluator.arena(), value);
    if (value.is_object()) {
        each_member(value, [&](std::string_view, Value member) {
            collect_descendants(evaluator, member, out, depth + 1);
        });
    }
}

}  // namespace

Evaluator::Evaluator(const Program& program, const Limits& limits, const World& world)
    : program_{program},
      world_{world},
      arena_{limits.memory_bytes, Arena::Clock::now() + limits.time},
      deepest_{limits.depth} {}

Array* Evaluator::make_sequence() {
    auto* const out = arena_.make<Array>();
    out->sequence = true;
    return out;
}

Value Evaluator::run(const json::value* input, const Bindings& bindings) {
    auto* const frame = make_frame(nullptr);
    for (std::uint32_t name = 1; name < program_.names.size(); ++name) {
        const auto found = bindings.find(program_.names[name]);
        if (found != bindings.end()) {
            frame->bindings.set(arena_, name, Value::of(*found->second));
        }
    }
    auto document = input == nullptr ? Value{} : Value::of(*input);
    frame->bindings.set(arena_, Program::kRoot, document);
    if (document.is_array()) {
        auto* const wrapper = make_sequence();
        wrapper->outer_wrapper = true;
        wrapper->push(arena_, document);
        document = Value::of(wrapper);
    }
    auto out = evaluate(*program_.root, document, frame);
    if (out.is(Kind::array) && out.array->outer_wrapper) {
        out = out.array->at(0);
    }
    return out;
}

Value Evaluator::evaluate(const Node& node, Value input, Frame* frame) {
    if (++depth_ > deepest_) {
        throw Failure{Cause::stack};
    }
    tick();
    auto out = evaluate_type(node, input, frame);
    for (const auto& predicate : node.predicates) {
        out = filter(*predicate.filter, out, frame);
    }
    if (node.group != nullptr && node.type != NodeType::path && node.type != NodeType::object) {
        out = group(*node.group, out, frame);
    }
    if (is_sequence(out) && !out.array->tuple_stream) {
        auto& sequence = *out.array;
        sequence.keep_singleton = sequence.keep_singleton || node.keep_array;
        if (sequence.size() == 0) {
            out = {};
        } else if (sequence.size() == 1 && !sequence.keep_singleton) {
            out = sequence.at(0);
        }
    }
    --depth_;
    return out;
}

Value Evaluator::evaluate_type(const Node& node, Value input, Frame* frame) {
    switch (node.type) {
        case NodeType::path:
            return path(node, input, frame);
        case NodeType::binary:
            return binary(node, input, frame);
        case NodeType::negate:
            return negate(node, input, frame);
        case NodeType::array:
            return literal_array(node, input, frame);
        case NodeType::object:
            return group(*node.group, input, frame);
        case NodeType::name:
            return field_of(*this, input, node.text);
        case NodeType::string:
        case NodeType::number:
        case NodeType::value:
            return node.value;
        case NodeType::wildcard:
            return wildcard(input);
        case NodeType::descendant:
            return descendants(input);
        case NodeType::parent:
            return lookup(node.slot->label, frame);
        case NodeType::condition:
            return condition(node, input, frame);
        case NodeType::block:
            return block(node, input, frame);
        case NodeType::bind: {
            const auto value = evaluate(*node.rhs, input, frame);
            frame->bindings.set(arena_, node.lhs->name, value);
            return value;
        }
        case NodeType::function:
            return call(node, input, frame, nullptr);
        case NodeType::variable:
            return variable(node, input, frame);
        case NodeType::partial:
            return partial(node, input, frame);
        case NodeType::apply:
            return chain(node, input, frame);
        case NodeType::regex:
            return Value::of(arena_.make<Function>(Function{
                .kind = FunctionKind::matcher, .node = &node}));
        case NodeType::lambda:
        case NodeType::transform:
            return Value::of(arena_.make<Function>(Function{
                .kind =
                    node.type == NodeType::lambda ? FunctionKind::lambda : FunctionKind::transform,
                .node = &node,
                .input = input,
                .frame = frame}));
        case NodeType::end:
        case NodeType::op:
        case NodeType::sort:
            break;
    }
    return {};
}

Value Evaluator::literal_array(const Node& node, Value input, Frame* frame) {
    auto* const out = arena_.make<Array>();
    for (const auto* const item : node.items) {
        const auto value = evaluate(*item, input, frame);
        if (!value.defined()) {
            continue;
        }
        if (item->type == NodeType::array || !value.is_array()) {
            out->push(arena_, value);
        } else if (out->size() == 0) {
            out->share(value);
        } else {
            append_items(*this, value, *out);
        }
    }
    out->constructed = node.constructed;
    return Value::of(out);
}

Value Evaluator::negate(const Node& node, Value input, Frame* frame) {
    const auto value = evaluate(*node.lhs, input, frame);
    if (!value.defined()) {
        return {};
    }
    if (!is_numeric(value)) {
        throw Failure{"D1002", node.position}.named(node.text).about(describe(value));
    }
    return Value::of(-value.number);
}

Value Evaluator::condition(const Node& node, Value input, Frame* frame) {
    if (truth(evaluate(*node.lhs, input, frame))) {
        return evaluate(*node.rhs, input, frame);
    }
    return node.extra == nullptr ? Value{} : evaluate(*node.extra, input, frame);
}

Value Evaluator::block(const Node& node, Value input, Frame* frame) {
    auto* const inner = make_frame(frame);
    Value out;
    for (const auto* const item : node.items) {
        out = evaluate(*item, input, inner);
    }
    return out;
}

Value Evaluator::builtin_value(const Builtin& builtin) {
    builtins_.resize(builtin_count());
    auto& function = builtins_[number_of(builtin)];
    if (function == nullptr) {
        function = std::make_unique<Function>(Function{.builtin = &builtin});
    }
    return Value::of(function.get());
}

Value Evaluator::lookup(std::uint32_t name, Frame* frame) {
    for (; frame != nullptr; frame = frame->parent) {
        if (const auto* const found = frame->bindings.find(name)) {
            return *found;
        }
    }
    return {};
}

Value Evaluator::variable(const Node& node, Value input, Frame* frame) {
    if (node.name == Program::kContext) {
        const bool wrapped = input.is(Kind::array) && input.array->outer_wrapper;
        return wrapped ? input.array->at(0) : input;
    }
    for (; frame != nullptr; frame = frame->parent) {
        if (const auto* const found = frame->bindings.find(node.name)) {
            return *found;
        }
    }
    return node.builtin == nullptr ? Value{} : builtin_value(*node.builtin);
}

Value Evaluator::wildcard(Value input) {
    if (input.is(Kind::array) && input.array->outer_wrapper) {
        input = input.array->at(0);
    }
    auto* const out = make_sequence();
    const auto add = [&](Value value) {
        if (value.is_array()) {
            flatten(*this, value, *out, 0);
            out->sequence = false;  // joined with an array, it is one: a single item stays in it
        } else {
            out->push(arena_, value);
        }
    };
    if (input.is_object()) {
        each_member(input, [&](std::string_view, Value member) { add(member); });
    } else if (input.is_array()) {
        for (std::size_t index = 0; index < size_of(input); ++index) {
            add(item_of(input, index));
        }
    }
    return Value::of(out);
}

Value Evaluator::descendants(Value input) {
    if (!input.defined()) {
        return {};
    }
    auto* const out = make_sequence();
    collect_descendants(*this, input, *out, 0);
    return out->size() == 1 ? out->at(0) : Value::of(out);
}

}  // namespace kiln::jsonata
