#include "jsonata/failure.hpp"
#include "jsonata/shaper.hpp"

namespace kiln::jsonata {

void Ancestry::add(Node& parent) {
    const auto number = program_.slots.size();
    // '!' cannot stand in a variable's name.
    const auto label = program_.intern(program_.keep("!" + std::to_string(number)));
    parent.slot = &program_.slots.emplace_back(Slot{.label = label, .level = 1, .index = number});
}

void Ancestry::push(Node& whole, Node& part) {
    if (part.type == NodeType::parent) {
        part.seeking.push_back(part.slot);
    }
    whole.seeking.insert(whole.seeking.end(), part.seeking.begin(), part.seeking.end());
}

void Ancestry::seek(Node& node, Slot& slot) {
    if (node.type == NodeType::name || node.type == NodeType::wildcard) {
        if (--slot.level == 0) {
            if (node.ancestor != nullptr) {
                slot.label = node.ancestor->label;
            }
            node.ancestor = &slot;
            node.tuple = true;
        }
    } else if (node.type == NodeType::parent) {
        ++slot.level;
    } else if (node.type == NodeType::block) {
        if (!node.items.empty()) {
            node.tuple = true;
            seek(*node.items.back(), slot);
        }
    } else if (node.type == NodeType::path) {
        node.tuple = true;
        auto index = node.items.size() - 1;
        seek(*node.items[index], slot);
        while (slot.level > 0 && index > 0) {
            seek(*node.items[--index], slot);
        }
    } else {
        throw Failure{"S0217", node.position}.named(node.text);
    }
}

void Ancestry::resolve(Node& path) {
    auto& last = *path.items.back();
    if (last.type == NodeType::parent) {
        last.seeking.push_back(last.slot);
    }
    for (auto* const slot : last.seeking) {
        auto left = path.items.size() - 1;  // steps that have not been searched
        while (slot->level > 0) {
            if (left == 0) {
                path.seeking.push_back(slot);
                break;
            }
            auto* step = path.items[--left];
            // Steps in a row that bind a variable share their context.
            while (left > 0 && step->focus != 0 && path.items[left - 1]->focus != 0) {
                step = path.items[--left];
            }
            seek(*step, *slot);
        }
    }
}

void Ancestry::resolve_filter(Node& step, Node& filter) {
    if (filter.seeking.empty()) {
        return;
    }
    for (auto* const slot : filter.seeking) {
        if (slot->level == 1) {
            seek(step, *slot);
        } else {
            --slot->level;
        }
    }
    push(step, filter);
}

}  // namespace kiln::jsonata
