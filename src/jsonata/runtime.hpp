#pragma once

#include "jsonata/value.hpp"

#include <cstdint>

namespace kiln::jsonata {

struct Builtin;
struct Node;
class Regex;

struct Binding {
    std::uint32_t name = 0;
    Value value;
};

/// A few variables by number; the last one bound under a name counts.
struct BindingList {
    Binding* items = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;

    [[nodiscard]] const Value* find(std::uint32_t name) const noexcept {
        for (std::uint32_t index = 0; index < size; ++index) {
            if (items[index].name == name) {
                return &items[index].value;
            }
        }
        return nullptr;
    }

    void set(Arena& arena, std::uint32_t name, Value value);
};

/// The variables of one block or call, and the frame around it.
struct Frame {
    Frame* parent = nullptr;
    BindingList bindings{};
};

/// An item of a path's result together with the variables that the steps before it have bound.
struct Tuple {
    Value value;
    BindingList bindings{};
};

enum class FunctionKind : std::uint8_t {
    builtin,
    lambda,
    enclosed,    ///< `first`, called without a context
    partial,     ///< `first` with some of its arguments
    chain,       ///< `second` of `first` of its argument
    transform,   ///< `| pattern | update, delete |`
    matcher,     ///< a regular expression
    next_match,  ///< finds what follows a match: `subject` from byte `from`
};

struct Function {
    FunctionKind kind = FunctionKind::builtin;
    const Builtin* builtin = nullptr;
    const Node* node = nullptr;
    Value input;  ///< the context in which a lambda was written
    Frame* frame = nullptr;
    Function* first = nullptr;
    Function* second = nullptr;
    const Value* arguments = nullptr;
    std::uint32_t argument_count = 0;
    std::uint32_t arity = 0;  ///< of a partial: how many arguments are still to be given
    std::string_view subject;
    std::size_t from = 0;
    std::string_view token;    ///< what it was last called as
    std::size_t position = 0;  ///< where it was last called; 0: not yet

    [[nodiscard]] bool is_thunk() const;
};

/// How many arguments a function takes.
[[nodiscard]] std::size_t arity_of(const Function& function);

}  // namespace kiln::jsonata
