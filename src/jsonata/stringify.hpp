#pragma once

#include "jsonata/value.hpp"

#include <string>

namespace kiln::jsonata {

enum class Layout { compact, indented };

/// A value as `$string` writes it: numbers to 15 digits, functions as empty texts.
/// @throws Failure  D1001: an infinite number; Cause::stack: nested too deep; Cause::memory
[[nodiscard]] std::string to_text(Value value, Layout layout, const Arena& arena);

/// A value for an error's text; never fails, and is cut where it is long.
[[nodiscard]] std::string describe(Value value);

/// The value as JSON for the caller. Whole numbers that fit are integers.
/// @param value  defined
/// @throws Failure  D1001: a number that JSON has no form for; result_type: a function; stack:
/// nested
///                  too deep
[[nodiscard]] json::value to_json(Value value);

/// A copy that may be changed, as `$clone` makes it.
[[nodiscard]] Value deep_copy(Arena& arena, Value value);

/// JSONata's `=`: same type and same content.
[[nodiscard]] bool deep_equal(Value left, Value right, int depth = 0);

/// A parsed document as a value that the arena holds.
[[nodiscard]] Value from_json(Arena& arena, const json::value& value);

}  // namespace kiln::jsonata
