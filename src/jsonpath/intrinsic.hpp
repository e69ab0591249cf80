#pragma once

#include "jsonpath/path.hpp"
#include "jsonpath/references.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace kiln::jsonpath {

struct Call;

/// A compiled call of an intrinsic function, `States.Format('{}', $.name)`: immutable, cheap to
/// copy, safe to use from many threads. Functions and their limits: docs/reference/paths.md.
class Intrinsic {
  public:
    /// @throws IntrinsicError  syntax: with the position; also an unknown function, a number of
    ///         arguments that it never takes, a bad escape, a bad path · limit: calls within calls
    ///         deeper than 10, or a text longer than 64 KiB
    [[nodiscard]] static Intrinsic compile(std::string_view text);

    /// As given to `compile`.
    [[nodiscard]] const std::string& text() const noexcept { return *text_; }

    /// Calls the functions from the inside out.
    /// @throws IntrinsicError  argument, missing, unassigned, limit: `had_error()` is AWS' sentence
    [[nodiscard]] json::value evaluate(const Resolver& documents, World& world) const;

    void collect(References& references) const;

  private:
    Intrinsic(std::shared_ptr<const std::string> text, std::shared_ptr<const Call> call)
        : text_{std::move(text)}, call_{std::move(call)} {}

    std::shared_ptr<const std::string> text_;
    std::shared_ptr<const Call> call_;
};

/// What a key that ends in ".$", ErrorPath and CausePath may hold.
using Expression = std::variant<Path, Intrinsic>;

/// An intrinsic function if the text begins with "States.", else a path.
/// @throws PathError, IntrinsicError  as the two compile functions
[[nodiscard]] Expression compile_expression(std::string_view text);

[[nodiscard]] const std::string& text_of(const Expression& expression) noexcept;

/// @throws PathError, IntrinsicError  as `Path::require` and `Intrinsic::evaluate`
[[nodiscard]] json::value evaluate(
    const Expression& expression, const Resolver& documents, World& world
);

void collect(const Expression& expression, References& references);

}  // namespace kiln::jsonpath
