#pragma once

#include "asl/choice.hpp"

#include <string_view>

namespace kiln::flow {

/// A Choice rule's comparison of two values that are there. Values of another type than the
/// comparator's compare false. For `is_…` the operand says whether it should be so.
[[nodiscard]] bool compare(
    asl::Comparator comparator, const json::value& value, const json::value& operand
);

/// `*` stands for any run of characters; `\*` and `\\` for themselves.
[[nodiscard]] bool string_matches(std::string_view text, std::string_view pattern);

}  // namespace kiln::flow
