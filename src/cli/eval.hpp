#pragma once

#include "base/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace kiln::cli {

enum class EvalLanguage { jsonata, jsonpath, intrinsic };

/// Why an expression has no result.
struct EvalFailure {
    std::string code;  ///< JSONata's ("T2001"), or "missing", "syntax" …
    std::string message;

    bool operator==(const EvalFailure&) const = default;
};

/// nullopt: the expression has no value, JSONata's undefined.
using EvalResult = std::variant<std::optional<json::value>, EvalFailure>;

/// What an expression gives, as a state machine would have it.
/// @param document  what `$` means; null: none
/// @param bindings  variables, without `$`
[[nodiscard]] EvalResult evaluate(
    EvalLanguage language,
    std::string_view expression,
    const json::value* document,
    const json::object& bindings
);

}  // namespace kiln::cli
