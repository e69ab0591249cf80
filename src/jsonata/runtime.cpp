#include "jsonata/runtime.hpp"

#include "jsonata/builtins.hpp"
#include "jsonata/node.hpp"

#include <algorithm>

namespace kiln::jsonata {

void BindingList::set(Arena& arena, std::uint32_t name, Value value) {
    for (std::uint32_t index = 0; index < size; ++index) {
        if (items[index].name == name) {
            items[index].value = value;
            return;
        }
    }
    if (size == capacity) {
        capacity = capacity == 0 ? 2 : capacity * 2;
        auto* const grown = arena.array<Binding>(capacity);
        std::copy_n(items, size, grown);
        items = grown;
    }
    items[size++] = {name, value};
}

bool Function::is_thunk() const {
    return kind == FunctionKind::lambda && node->thunk;
}

std::size_t arity_of(const Function& function) {
    switch (function.kind) {
        case FunctionKind::builtin:
            return function.builtin->arity;
        case FunctionKind::lambda:
            return function.node->items.size();
        case FunctionKind::enclosed:
            return arity_of(*function.first);
        case FunctionKind::partial:
            return function.arity;
        case FunctionKind::chain:
        case FunctionKind::transform:
            return 1;
        case FunctionKind::matcher:
            return 2;
        case FunctionKind::next_match:
            return 0;
    }
    return 0;
}

}  // namespace kiln::jsonata
