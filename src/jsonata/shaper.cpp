#include "jsonata/shaper.hpp"

#include "jsonata/failure.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

constexpr int kDeepestTree = 3000;

bool is_word(const Node& node) {
    return node.text == "and" || node.text == "or" || node.text == "in";
}

bool is_plain_step(const Node& step) {
    return step.stages.empty() && step.predicates.empty() && step.group == nullptr &&
           step.focus == 0 && step.index_name == 0 && step.ancestor == nullptr && !step.tuple &&
           !step.keep_array;
}

/// Can the path be walked from object to object?
bool is_plain(const Node& path) {
    if (path.type != NodeType::path || path.keep_singleton || !is_plain_step(path)) {
        return false;
    }
    for (const auto* const step : path.items) {
        const bool first = step == path.items.front();
        const bool right =
            step->type == NodeType::name || (first && step->type == NodeType::variable);
        if (!right || !is_plain_step(*step)) {
            return false;
        }
    }
    return true;
}

}  // namespace

Node* Shaper::shape(Node* node) {
    if (++depth_ > kDeepestTree) {
        throw Failure{Cause::stack};
    }
    const bool keep_array = node->keep_array;
    auto* const out = shape_type(node);
    out->keep_array = out->keep_array || keep_array;
    --depth_;
    return out;
}

Node* Shaper::shape_type(Node* node) {
    switch (node->type) {
        case NodeType::end:
            throw Failure{"S0207", node->position}.named(node->text);
        case NodeType::binary:
            return binary(node);
        case NodeType::function:
        case NodeType::partial:
            return call(node);
        case NodeType::lambda:
            node->lhs = tail_call(shape(node->lhs));
            return node;
        case NodeType::block:
            return block(node);
        case NodeType::name:
        case NodeType::op:
            return word(node);
        case NodeType::parent:
            ancestry_.add(*node);
            return node;
        case NodeType::negate:
        case NodeType::array:
        case NodeType::object:
        case NodeType::condition:
        case NodeType::transform:
            return compound(node);
        case NodeType::variable:
        case NodeType::string:
        case NodeType::number:
        case NodeType::value:
        case NodeType::regex:
        case NodeType::wildcard:
        case NodeType::descendant:
        case NodeType::bind:
        case NodeType::apply:
        case NodeType::path:
        case NodeType::sort:
            break;
    }
    return node;
}

Node* Shaper::compound(Node* node) {
    shape_parts(*node);
    if (node->type == NodeType::negate && node->lhs->type == NodeType::number) {
        node->lhs->value.number = -node->lhs->value.number;
        return node->lhs;
    }
    return node;
}

/// The parts of a node that look up in the same context as the node itself.
void Shaper::shape_parts(Node& node) {
    const bool searched = node.type != NodeType::transform;
    const auto part = [&](Node*& child) {
        if (child != nullptr) {
            child = shape(child);
            if (searched && !(node.type == NodeType::negate && child->type == NodeType::number)) {
                Ancestry::push(node, *child);
            }
        }
    };
    part(node.lhs);
    part(node.rhs);
    part(node.extra);
    for (auto*& item : node.items) {
        part(item);
    }
    if (node.type == NodeType::object) {
        for (auto& pair : node.group->pairs) {
            part(pair.key);
            part(pair.value);
        }
    }
}

Node* Shaper::path_of(Node* step) {
    if (step->type == NodeType::path) {
        return step;
    }
    auto& path = program_.add(NodeType::path, step->position);
    path.items.push_back(step);
    return &path;
}

Node* Shaper::word(Node* node) {
    if (node->type == NodeType::op) {
        if (!is_word(*node)) {
            return node;  // the `?` of a partial application
        }
        node->type = NodeType::name;
        node->name = program_.intern(node->text);
    }
    auto* const path = path_of(node);
    path->keep_singleton = node->keep_array;
    return path;
}

Node* Shaper::binary(Node* node) {
    using Method = Node* (Shaper::*)(Node*);
    static constexpr std::pair<Op, Method> kMethods[] = {
        {Op::dot, &Shaper::map},
        {Op::filter, &Shaper::filter},
        {Op::group, &Shaper::group},
        {Op::order, &Shaper::order},
        {Op::focus, &Shaper::focus},
        {Op::position, &Shaper::position}};
    for (const auto& [op, method] : kMethods) {
        if (node->op == op) {
            return (this->*method)(node);
        }
    }
    node->lhs = shape(node->lhs);
    node->rhs = shape(node->rhs);
    if (node->op == Op::chain) {
        node->type = NodeType::apply;
        node->keep_array = node->lhs->keep_array || node->rhs->keep_array;
        return node;
    }
    if (node->op == Op::assign) {
        node->type = NodeType::bind;
    } else {
        Ancestry::push(*node, *node->lhs);
    }
    Ancestry::push(*node, *node->rhs);
    return node;
}

Node* Shaper::map(Node* node) {
    auto* const left = shape(node->lhs);
    auto* const out = path_of(left);
    if (left->type == NodeType::parent) {
        out->seeking.assign(1, left->slot);
    }
    auto* const rest = shape(node->rhs);
    if (rest->type == NodeType::path) {
        out->items.insert(out->items.end(), rest->items.begin(), rest->items.end());
    } else {
        if (!rest->predicates.empty()) {
            rest->stages = std::move(rest->predicates);
            rest->predicates.clear();
        }
        out->items.push_back(rest);
    }
    for (auto* const step : out->items) {
        if (step->type == NodeType::number || step->type == NodeType::value) {
            throw Failure{"S0213", step->position}.about(std::string{step->text});
        }
        if (step->type == NodeType::string) {
            step->type = NodeType::name;
            step->name = program_.intern(step->text);
        }
        out->keep_singleton = out->keep_singleton || step->keep_array;
    }
    for (auto* const step : {out->items.front(), out->items.back()}) {
        step->constructed = step->constructed || step->type == NodeType::array;
    }
    Ancestry::resolve(*out);
    return out;
}

Node* Shaper::filter(Node* node) {
    auto* const out = shape(node->lhs);
    const bool in_path = out->type == NodeType::path;
    auto& step = in_path ? *out->items.back() : *out;
    if (step.group != nullptr && step.type != NodeType::object) {
        throw Failure{"S0209", node->position};
    }
    auto* const predicate = shape(node->rhs);
    Ancestry::resolve_filter(step, *predicate);
    (in_path ? step.stages : step.predicates).push_back({.filter = predicate});
    return out;
}

Node* Shaper::group(Node* node) {
    auto* out = shape(node->lhs);
    if (out->type == NodeType::object) {
        // An object has pairs of its own: they become what is grouped.
        auto& block = program_.add(NodeType::block, out->position);
        block.items.push_back(out);
        out = &block;
    }
    if (out->group != nullptr) {
        throw Failure{"S0210", node->position};
    }
    for (auto& pair : node->group->pairs) {
        pair.key = shape(pair.key);
        pair.value = shape(pair.value);
    }
    out->group = std::move(node->group);
    return out;
}

Node* Shaper::order(Node* node) {
    auto* const out = path_of(shape(node->lhs));
    auto& sort = program_.add(NodeType::sort, node->position);
    sort.text = node->text;
    for (auto& term : node->terms) {
        term.expression = shape(term.expression);
        Ancestry::push(sort, *term.expression);
    }
    sort.terms = std::move(node->terms);
    out->items.push_back(&sort);
    Ancestry::resolve(*out);
    return out;
}

Node* Shaper::focus(Node* node) {
    auto* const out = shape(node->lhs);
    auto& step = out->type == NodeType::path ? *out->items.back() : *out;
    if (!step.stages.empty() || !step.predicates.empty()) {
        throw Failure{"S0215", node->position};
    }
    if (step.type == NodeType::sort) {
        throw Failure{"S0216", node->position};
    }
    step.keep_array = step.keep_array || node->keep_array;
    step.focus = node->rhs->name;
    step.tuple = true;
    return out;
}

Node* Shaper::position(Node* node) {
    auto* const left = shape(node->lhs);
    auto* const out = path_of(left);
    auto& step = *out->items.back();
    if (left->type != NodeType::path && !step.predicates.empty()) {
        step.stages = std::move(step.predicates);
        step.predicates.clear();
    }
    if (step.stages.empty()) {
        step.index_name = node->rhs->name;
    } else {
        step.stages.push_back({.index_name = node->rhs->name});
    }
    step.tuple = true;
    return out;
}

Node* Shaper::block(Node* node) {
    for (auto*& item : node->items) {
        item = shape(item);
        Ancestry::push(*node, *item);
        if (item->constructed ||
            (item->type == NodeType::path && item->items.front()->constructed)) {
            node->constructed = true;
        }
    }
    return node;
}

Node* Shaper::call(Node* node) {
    for (auto*& item : node->items) {
        item = shape(item);
        Ancestry::push(*node, *item);
    }
    node->lhs = shape(node->lhs);
    return node;
}

/// A call whose result is the function's is made by the caller: recursion needs no stack then.
Node* Shaper::tail_call(Node* node) {
    if (node->type == NodeType::function && node->predicates.empty()) {
        auto& thunk = program_.add(NodeType::lambda, node->position);
        thunk.thunk = true;
        thunk.lhs = node;
        return &thunk;
    }
    if (node->type == NodeType::condition) {
        node->rhs = tail_call(node->rhs);
        if (node->extra != nullptr) {
            node->extra = tail_call(node->extra);
        }
    } else if (node->type == NodeType::block && !node->items.empty()) {
        node->items.back() = tail_call(node->items.back());
    }
    return node;
}

void shape(Program& program) {
    program.root = Shaper{program}.shape(program.root);
    for (auto& node : program.nodes) {
        node.plain = is_plain(node);
    }
    const auto& root = *program.root;
    if (root.type == NodeType::parent || !root.seeking.empty()) {
        throw Failure{"S0217", root.position}.named(root.text);
    }
}

}  // namespace kiln::jsonata
