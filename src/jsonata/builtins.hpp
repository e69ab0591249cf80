#pragma once

#include "jsonata/runtime.hpp"
#include "jsonata/signature.hpp"

#include <span>
#include <string_view>

namespace kiln::jsonata {

class Evaluator;

/// The arguments of a call of a built-in function, checked against its signature. Any of them may
/// be undefined.
class Arguments {
  public:
    explicit Arguments(std::span<const Value> values) : values_{values} {}

    /// Undefined where there is none.
    Value operator[](std::size_t index) const {
        return index < values_.size() ? values_[index] : Value{};
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

  private:
    std::span<const Value> values_;
};

using BuiltinCode = Value (*)(Evaluator&, const Arguments&);

/// A function of the language.
struct Builtin {
    std::string_view name;
    std::string_view signature_text;
    std::size_t arity;
    BuiltinCode code;
};

/// nullptr: there is none of that name.
[[nodiscard]] const Builtin* find_builtin(std::string_view name);

[[nodiscard]] const Signature& signature_of(const Builtin& builtin);

/// A builtin's number, below `builtin_count()`.
[[nodiscard]] std::size_t number_of(const Builtin& builtin);
[[nodiscard]] std::size_t builtin_count();

// The functions by area; each list is a static table.
[[nodiscard]] std::span<const Builtin> string_functions();
[[nodiscard]] std::span<const Builtin> pattern_functions();
[[nodiscard]] std::span<const Builtin> url_functions();
[[nodiscard]] std::span<const Builtin> number_functions();
[[nodiscard]] std::span<const Builtin> array_functions();
[[nodiscard]] std::span<const Builtin> object_functions();
[[nodiscard]] std::span<const Builtin> higher_order_functions();
[[nodiscard]] std::span<const Builtin> time_functions();
[[nodiscard]] std::span<const Builtin> aws_functions();

/// JSONata's notion of true: undefined is false.
/// @throws Failure  D1001: an infinite number; stack: arrays nested too deep
[[nodiscard]] bool truth(Value value, int depth = 0);

/// Is it a number? @throws Failure  D1001: an infinite one
[[nodiscard]] bool is_numeric(Value value);

}  // namespace kiln::jsonata
