#pragma once

#include "base/json.hpp"
#include "jsonata/arena.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kiln::jsonata {

class Array;
class Object;
struct Function;
struct Tuple;

enum class Kind : std::uint8_t {
    undefined,
    null,
    boolean,
    number,
    string,
    array,        ///< made by the evaluation
    object,       ///< made by the evaluation
    json_array,   ///< part of an input, borrowed
    json_object,  ///< part of an input, borrowed
    function,
    tuple,  ///< an item of a tuple stream: a value with the variables that `@`, `#` and `%` bind
};

/// A value of the language. Trivially copied; what it points to lives in the arena, in an input or
/// in the expression.
struct Value {
    Kind kind = Kind::undefined;
    std::uint32_t length =
        0;  ///< of `chars`, in bytes; 1 in `undefined`: an argument to be given later

    union {
        double number = 0;
        bool boolean;
        const char* chars;
        Array* array;
        Object* object;
        const json::array* json_array;
        const json::object* json_object;
        Function* function;
        Tuple* tuple;
    };

    static Value null() { return of_kind(Kind::null); }

    static Value of(double number) {
        auto out = of_kind(Kind::number);
        out.number = number;
        return out;
    }

    static Value of(bool boolean) {
        auto out = of_kind(Kind::boolean);
        out.boolean = boolean;
        return out;
    }

    /// Borrows the text.
    static Value of(std::string_view text) {
        auto out = of_kind(Kind::string);
        out.length = static_cast<std::uint32_t>(text.size());
        out.chars = text.data();
        return out;
    }

    static Value of(const char*) = delete;

    static Value of(Array* array) {
        auto out = of_kind(Kind::array);
        out.array = array;
        return out;
    }

    static Value of(Object* object) {
        auto out = of_kind(Kind::object);
        out.object = object;
        return out;
    }

    static Value of(Function* function) {
        auto out = of_kind(Kind::function);
        out.function = function;
        return out;
    }

    static Value of(Tuple* tuple) {
        auto out = of_kind(Kind::tuple);
        out.tuple = tuple;
        return out;
    }

    /// Borrows the value.
    static Value of(const json::value& value);

    [[nodiscard]] bool defined() const noexcept { return kind != Kind::undefined; }

    [[nodiscard]] bool is(Kind other) const noexcept { return kind == other; }

    [[nodiscard]] bool is_array() const noexcept {
        return kind == Kind::array || kind == Kind::json_array;
    }

    [[nodiscard]] bool is_object() const noexcept {
        return kind == Kind::object || kind == Kind::json_object;
    }

    [[nodiscard]] std::string_view text() const noexcept { return {chars, length}; }

  private:
    static Value of_kind(Kind kind) {
        Value out;
        out.kind = kind;
        return out;
    }
};

/// An array with what JSONata knows about it. Its items are its own, a range of numbers, or those
/// of another array; the first `push` makes them its own.
class Array {
  public:
    bool sequence = false;  ///< the result of a query: one item stands for itself, none for nothing
    bool keep_singleton = false;  ///< … unless this is set
    bool constructed = false;     ///< written as `[…]` in a path: not flattened
    bool tuple_stream = false;
    bool outer_wrapper = false;  ///< of an input that is an array

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] Value at(std::size_t index) const {
        if (items_ != nullptr) {
            return items_[index];
        }
        return borrowed_ != nullptr ? Value::of((*borrowed_)[index])
                                    : Value::of(first_ + static_cast<double>(index));
    }

    void reserve(Arena& arena, std::size_t count);

    void push(Arena& arena, Value value) {
        if (size_ >= capacity_) {
            reserve(arena, size_ < 4 ? 4 : std::size_t{size_} * 2);
        }
        items_[size_++] = value;
    }

    /// `first`, `first + 1`, …
    void set_range(double first, std::size_t count);

    /// The items of another array, shared. @param array  is_array()
    void share(Value array);

  private:
    Value* items_ = nullptr;
    const json::array* borrowed_ = nullptr;
    double first_ = 0;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

/// An object that keeps the order of its keys. Keys are borrowed.
class Object {
  public:
    struct Entry {
        std::string_view key;
        Value value;
    };

    [[nodiscard]] Value get(std::string_view key) const noexcept;
    void set(Arena& arena, std::string_view key, Value value);
    void erase(std::string_view key) noexcept;

    [[nodiscard]] std::span<const Entry> entries() const noexcept { return {entries_, size_}; }

  private:
    static constexpr std::uint32_t kFree = 0;

    [[nodiscard]] Entry* find(std::string_view key) const noexcept;
    void insert_index(std::uint32_t number) noexcept;
    void build_index(Arena& arena);

    Entry* entries_ = nullptr;
    std::uint32_t* index_ = nullptr;  ///< number + 1 by hash, or null: few entries
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
    std::uint32_t index_size_ = 0;  ///< a power of two
};

/// @param value  is_array()
[[nodiscard]] inline std::size_t size_of(Value value) {
    return value.kind == Kind::array ? value.array->size() : value.json_array->size();
}

[[nodiscard]] inline Value item_of(Value value, std::size_t index) {
    return value.kind == Kind::array ? value.array->at(index)
                                     : Value::of((*value.json_array)[index]);
}

[[nodiscard]] inline bool is_sequence(Value value) {
    return value.kind == Kind::array && value.array->sequence;
}

/// @param value  is_object()
[[nodiscard]] std::size_t member_count(Value value);
[[nodiscard]] Value member_of(Value value, std::string_view key);

/// Calls `visit(key, value)` for each member of an object, in their order.
template <class Visit>
void each_member(Value value, Visit&& visit) {
    if (value.kind == Kind::object) {
        for (const auto& entry : value.object->entries()) {
            visit(entry.key, entry.value);
        }
    } else {
        for (const auto& entry : *value.json_object) {
            visit(std::string_view{entry.key()}, Value::of(entry.value()));
        }
    }
}

}  // namespace kiln::jsonata
