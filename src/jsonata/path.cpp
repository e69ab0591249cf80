#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

#include <cmath>

namespace kiln::jsonata {

namespace {

constexpr int kDeepestArrays = 500;

}  // namespace

Value field_of(Evaluator& evaluator, Value value, std::string_view key, int depth) {
    if (depth > kDeepestArrays) {
        throw Failure{Cause::stack};
    }
    if (value.is_object()) {
        return member_of(value, key);
    }
    if (!value.is_array()) {
        return {};
    }
    auto* const out = evaluator.make_sequence();
    const auto count = size_of(value);
    for (std::size_t index = 0; index < count; ++index) {
        evaluator.tick();
        const auto item = item_of(value, index);
        const auto found = item.is_object()  ? member_of(item, key)
                           : item.is_array() ? field_of(evaluator, item, key, depth + 1)
                                             : Value{};
        if (found.is_array()) {
            append_items(evaluator, found, *out);
        } else if (found.defined()) {
            out->push(evaluator.arena(), found);
        }
    }
    return Value::of(out);
}

void append_items(Evaluator& evaluator, Value value, Array& out) {
    const auto count = size_of(value);
    if (count > 8) {
        out.reserve(evaluator.arena(), std::max(out.size() + count, out.size() * 2));
    }
    for (std::size_t index = 0; index < count; ++index) {
        evaluator.tick();
        out.push(evaluator.arena(), item_of(value, index));
    }
}

Frame* Evaluator::frame_of(const Tuple& tuple, Frame* parent) {
    auto* const out = make_frame(parent);
    for (std::uint32_t index = 0; index < tuple.bindings.size; ++index) {
        out->bindings.set(
            arena_, tuple.bindings.items[index].name, tuple.bindings.items[index].value
        );
    }
    return out;
}

Value Evaluator::as_array(Items items) {
    if (!items.single) {
        return items.value;
    }
    auto* const out = make_sequence();
    out->push(arena_, items.value);
    return Value::of(out);
}

/// The result of a path that leads through objects alone. nullopt: there is an array on the way.
std::optional<Value> Evaluator::plain_path(const Node& node, Value input, Frame* frame) {
    if (depth_ >= deepest_) {
        throw Failure{Cause::stack};
    }
    auto value = input;
    for (const auto* const step : node.items) {
        if (step->type == NodeType::variable) {
            value = variable(*step, input, frame);
        } else if (value.is_object()) {
            value = member_of(value, step->text);
        } else if (value.is_array()) {
            return std::nullopt;
        } else {
            return Value{};
        }
    }
    return value.is(Kind::array) ? std::nullopt : std::optional{value};
}

Value Evaluator::path(const Node& node, Value input, Frame* frame) {
    if (node.plain) {
        if (const auto found = plain_path(node, input, frame)) {
            return *found;
        }
    }
    const auto& steps = node.items;
    Items current{input, !input.is_array() || steps.front()->type == NodeType::variable};
    Items result;
    Value tuples;
    bool streaming = false;
    for (std::size_t number = 0; number < steps.size(); ++number) {
        const auto& step_node = *steps[number];
        streaming = streaming || step_node.tuple;
        if (number == 0 && step_node.constructed) {
            const auto value = evaluate(step_node, as_array(current), frame);
            result = {value, !value.is_array()};
        } else if (streaming) {
            tuples = tuple_step(step_node, current, tuples, frame);
        } else {
            result = step(step_node, current, frame, number + 1 == steps.size());
        }
        if (!streaming && (result.single ? !result.value.defined() : result.size() == 0)) {
            break;
        }
        if (step_node.focus == 0) {
            current = result;
        }
    }
    return finished_path(node, result, streaming ? tuples : Value{}, frame);
}

Value Evaluator::finished_path(const Node& node, Items result, Value tuples, Frame* frame) {
    const bool keep = node.keep_singleton || node.keep_array;
    if (tuples.defined() && node.tuple) {
        result = {tuples, false};
    } else if (tuples.defined()) {
        auto* const out = make_sequence();
        for (std::size_t index = 0; index < size_of(tuples); ++index) {
            const auto item = item_of(tuples, index);
            out->push(arena_, item.is(Kind::tuple) ? item.tuple->value : Value{});
        }
        result = {Value::of(out), false};
    }
    if (result.single && (keep || node.group != nullptr)) {
        result = {result.value.defined() ? as_array(result) : Value::of(make_sequence()), false};
    }
    auto out = result.value;
    if (node.keep_singleton && out.is(Kind::array)) {
        if (out.array->constructed && !out.array->sequence) {
            out = as_array({out, true});
        }
        out.array->keep_singleton = true;
    }
    return node.group == nullptr ? out : group(*node.group, tuples.defined() ? tuples : out, frame);
}

void Evaluator::flatten_into(Value value, Array& out) {
    if (value.is_array() && !(value.is(Kind::array) && value.array->constructed)) {
        append_items(*this, value, out);
    } else {
        out.push(arena_, value);
    }
}

/// The results of a step that has one.
Evaluator::Items Evaluator::collected(Value first, bool last) {
    if (!first.is_array()) {
        return {first, true};
    }
    if (last && !is_sequence(first)) {
        return {first, false};
    }
    auto* const out = make_sequence();
    if (first.is(Kind::array) && first.array->constructed) {
        out->push(arena_, first);
    } else {
        out->share(first);
    }
    return {Value::of(out), false};
}

Evaluator::Items Evaluator::step(const Node& node, Items input, Frame* frame, bool last) {
    if (node.type == NodeType::sort) {
        const auto sorted = sort(node, as_array(input), frame);
        return {run_stages(node.stages, sorted, frame), false};
    }
    Value first;
    Array* out = nullptr;
    const auto count = input.size();
    for (std::size_t index = 0; index < count; ++index) {
        auto value = evaluate(node, input.at(index), frame);
        for (const auto& stage : node.stages) {
            value = filter(*stage.filter, value, frame);
        }
        if (!value.defined()) {
            continue;
        }
        if (out == nullptr && !first.defined()) {
            first = value;
            continue;
        }
        if (out == nullptr) {
            out = make_sequence();
            flatten_into(first, *out);
        }
        flatten_into(value, *out);
    }
    if (out != nullptr) {
        return {Value::of(out), false};
    }
    return first.defined() ? collected(first, last) : Items{Value::of(make_sequence()), false};
}

Value Evaluator::run_stages(const std::vector<Stage>& stages, Value value, Frame* frame) {
    for (const auto& stage : stages) {
        if (stage.filter != nullptr) {
            value = filter(*stage.filter, value, frame);
            continue;
        }
        for (std::size_t index = 0; value.is_array() && index < size_of(value); ++index) {
            const auto item = item_of(value, index);
            if (item.is(Kind::tuple)) {
                item.tuple->bindings.set(
                    arena_, stage.index_name, Value::of(static_cast<double>(index))
                );
            }
        }
    }
    return value;
}

Value Evaluator::sort_tuples(const Node& node, Items input, Value tuples, Frame* frame) {
    if (tuples.defined()) {
        return run_stages(node.stages, sort(node, tuples, frame), frame);
    }
    const auto sorted = sort(node, as_array(input), frame);
    auto* const out = make_sequence();
    out->tuple_stream = true;
    for (std::size_t index = 0; index < size_of(sorted); ++index) {
        auto* const tuple = arena_.make<Tuple>(Tuple{.value = item_of(sorted, index)});
        tuple->bindings.set(arena_, node.index_name, Value::of(static_cast<double>(index)));
        out->push(arena_, Value::of(tuple));
    }
    return run_stages(node.stages, Value::of(out), frame);
}

/// The tuples that one tuple and the results of a step for it make.
void Evaluator::expand(const Node& node, const Tuple& tuple, Value results, Array& out) {
    const bool joined = results.is(Kind::array) && results.array->tuple_stream;
    const auto count = results.is_array() ? size_of(results) : 1;
    for (std::size_t index = 0; index < count; ++index) {
        tick();
        const auto result = results.is_array() ? item_of(results, index) : results;
        auto* const made = arena_.make<Tuple>(Tuple{.value = tuple.value});
        const auto bind_all = [&](const BindingList& bindings) {
            for (std::uint32_t number = 0; number < bindings.size; ++number) {
                made->bindings.set(
                    arena_, bindings.items[number].name, bindings.items[number].value
                );
            }
        };
        bind_all(tuple.bindings);
        if (joined && result.is(Kind::tuple)) {
            made->value = result.tuple->value;
            bind_all(result.tuple->bindings);
        } else {
            if (node.focus != 0) {
                made->bindings.set(arena_, node.focus, result);
            } else {
                made->value = result;
            }
            if (node.index_name != 0) {
                made->bindings.set(arena_, node.index_name, Value::of(static_cast<double>(index)));
            }
            if (node.ancestor != nullptr) {
                made->bindings.set(arena_, node.ancestor->label, tuple.value);
            }
        }
        out.push(arena_, Value::of(made));
    }
}

Value Evaluator::tuple_step(const Node& node, Items input, Value tuples, Frame* frame) {
    if (node.type == NodeType::sort) {
        return sort_tuples(node, input, tuples, frame);
    }
    auto* const out = make_sequence();
    out->tuple_stream = true;
    const auto count = tuples.defined() ? size_of(tuples) : input.size();
    for (std::size_t index = 0; index < count; ++index) {
        Tuple fresh;
        const Tuple* tuple = &fresh;
        if (tuples.defined()) {
            const auto item = item_of(tuples, index);
            tuple = item.is(Kind::tuple) ? item.tuple : &fresh;
        } else {
            fresh.value = input.at(index);
        }
        const auto results = evaluate(node, tuple->value, frame_of(*tuple, frame));
        if (results.defined()) {
            expand(node, *tuple, results, *out);
        }
    }
    return run_stages(node.stages, Value::of(out), frame);
}

/// How often an item is taken: a number, or several, are positions; anything else is true or false.
std::size_t Evaluator::selections(Value verdict, std::size_t index, std::size_t size) {
    const auto matches = [&](double position) {
        const auto whole = std::floor(position);
        return (whole < 0 ? whole + static_cast<double>(size) : whole) ==
               static_cast<double>(index);
    };
    if (is_numeric(verdict)) {
        return matches(verdict.number) ? 1 : 0;
    }
    if (!verdict.is_array()) {
        return truth(verdict) ? 1 : 0;
    }
    std::size_t out = 0;
    for (std::size_t number = 0; number < size_of(verdict); ++number) {
        const auto item = item_of(verdict, number);
        if (!is_numeric(item)) {
            return truth(verdict) ? 1 : 0;
        }
        out += matches(item.number) ? 1 : 0;
    }
    return out;
}

Value Evaluator::filter(const Node& predicate, Value input, Frame* frame) {
    const bool streaming = input.is(Kind::array) && input.array->tuple_stream;
    const Items items{input, !input.is_array()};
    const auto size = items.size();
    if (predicate.type == NodeType::number) {
        auto index = std::floor(predicate.value.number);
        index += index < 0 ? static_cast<double>(size) : 0;
        const bool there = index >= 0 && index < static_cast<double>(size);
        const auto item = there ? items.at(static_cast<std::size_t>(index)) : Value{};
        if (item.is_array()) {
            return item;
        }
        auto* const out = make_sequence();
        out->tuple_stream = streaming;
        if (item.defined()) {
            out->push(arena_, item);
        }
        return Value::of(out);
    }
    auto* const out = make_sequence();
    out->tuple_stream = streaming;
    for (std::size_t index = 0; index < size; ++index) {
        const auto item = items.at(index);
        const bool tuple = streaming && item.is(Kind::tuple);
        const auto verdict = evaluate(
            predicate,
            tuple ? item.tuple->value : item,
            tuple ? frame_of(*item.tuple, frame) : frame
        );
        for (auto times = selections(verdict, index, size); times > 0; --times) {
            out->push(arena_, item);
        }
    }
    return Value::of(out);
}

}  // namespace kiln::jsonata
