// The transform operator `| pattern | update, delete |`: changes a copy of what it is given.

#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"

namespace kiln::jsonata {

Value Evaluator::transform(const Function& function, Value object) {
    if (!object.defined()) {
        return {};
    }
    const auto& node = *function.node;
    const auto clone = lookup(Program::kClone, function.frame);
    if (clone.defined() && !clone.is(Kind::function)) {
        throw Failure{"T2013", node.position};
    }
    const auto copy =
        clone.defined() ? apply(clone, {&object, 1}, Value::null()) : deep_copy(arena_, object);
    const auto matches = evaluate(*node.lhs, copy, function.frame);
    if (!matches.defined()) {
        return copy;
    }
    const auto count = matches.is_array() ? size_of(matches) : 1;
    for (std::size_t index = 0; index < count; ++index) {
        const auto match = matches.is_array() ? item_of(matches, index) : matches;
        rewritten_ = true;
        update(node, match, function.frame);
        if (node.extra != nullptr) {
            erase(node, match, function.frame);
        }
    }
    return copy;
}

void Evaluator::update(const Node& node, Value match, Frame* frame) {
    const auto changes = evaluate(*node.rhs, match, frame);
    if (!changes.defined()) {
        return;
    }
    if (!changes.is_object()) {
        throw Failure{"T2011", node.rhs->position}.about(describe(changes));
    }
    if (match.is(Kind::object) && !(changes.is(Kind::object) && changes.object == match.object)) {
        each_member(changes, [&](std::string_view key, Value value) {
            match.object->set(arena_, key, value);
        });
    }
}

void Evaluator::erase(const Node& node, Value match, Frame* frame) {
    const auto keys = evaluate(*node.extra, match, frame);
    if (!keys.defined()) {
        return;
    }
    const auto wrong = [&] { return Failure{"T2012", node.extra->position}.about(describe(keys)); };
    const auto count = keys.is_array() ? size_of(keys) : 1;
    for (std::size_t index = 0; index < count; ++index) {
        const auto key = keys.is_array() ? item_of(keys, index) : keys;
        if (!key.is(Kind::string)) {
            throw wrong();
        }
    }
    for (std::size_t index = 0; match.is(Kind::object) && index < count; ++index) {
        match.object->erase((keys.is_array() ? item_of(keys, index) : keys).text());
    }
}

}  // namespace kiln::jsonata
