#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "jsonata/error.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSONata 2.0.6 with what AWS Step Functions adds to it. See docs/reference/jsonata.md.
namespace kiln::jsonata {

struct Program;

/// A variable that an expression takes from outside, with the fields that are read from it at once:
/// `$states.input.x` is `states` with `input`, `x`.
struct Reference {
    std::string variable;           ///< without `$`; "" is `$`, "$" is `$$`
    std::vector<std::string> path;  ///< plain field names only; a filter or a wildcard ends it
    std::size_t position = 0;       ///< in UTF-16 units, behind the variable
    bool function = false;          ///< the name of a function of the language

    bool operator==(const Reference&) const = default;
};

/// A place where an expression reads the input document itself, outside a context of its own:
/// `$`, `$$`, a field name, `*`, `**`. `order.total` does; `$order[total > 10]` does not.
struct ContextUse {
    std::string text;          ///< "$", "$$", the name, "*", "**"
    std::size_t position = 0;  ///< in UTF-16 units, behind it
};

struct References {
    std::vector<Reference>
        variables;  ///< in the order of the text; those bound inside are left out
    std::vector<ContextUse> context;
    std::vector<std::string> assigned;  ///< variables that `:=` binds outside any function
};

/// A compiled expression. Copies share it; any number of threads may evaluate it at once.
class Expression {
  public:
    [[nodiscard]] const std::string& text() const noexcept;
    [[nodiscard]] References references() const;

    [[nodiscard]] const Program& program() const noexcept { return *program_; }

  private:
    friend Expression compile(std::string_view text);

    explicit Expression(std::shared_ptr<const Program> program) : program_{std::move(program)} {}

    std::shared_ptr<const Program> program_;
};

/// @throws Error  S…: the text is no expression; Cause::stack: it is nested too deep
[[nodiscard]] Expression compile(std::string_view text);

/// Variables by name, without `$`. The values are read where they are and have to outlive the call.
using Bindings = std::map<std::string, const json::value*, std::less<>>;

/// What one evaluation may use up. The defaults are AWS' where AWS names them.
struct Limits {
    std::chrono::nanoseconds time = std::chrono::seconds{1};
    std::size_t depth =
        2000;  ///< expressions within expressions; one call of a function is about three
    std::size_t memory_bytes = std::size_t{256} << 20;
};

/// What an expression can see of the world. `now` stays the same during one evaluation.
struct World {
    TimePoint now;
    std::function<double()> random;     ///< 0 ≤ n < 1
    std::function<std::string()> uuid;  ///< a version 4 UUID
};

/// @param input  the document that `$` and `$$` mean; null: none
/// @return  nullopt: the expression has no value, JSONata's undefined
/// @throws Error  S…, T…, D…: the expression does not suit the data; else by its cause
[[nodiscard]] std::optional<json::value> evaluate(
    const Expression& expression,
    const json::value* input,
    const Bindings& bindings,
    const Limits& limits,
    const World& world
);

}  // namespace kiln::jsonata
