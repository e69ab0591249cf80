#pragma once

#include "base/json.hpp"
#include "jsonpath/regex.hpp"

#include <memory>
#include <variant>
#include <vector>

namespace kiln::jsonpath {

struct Program;
class Budget;

/// Jayway's operators.
enum class Operator {
    equal,          ///< ==  a number and a text of that number are equal
    same,           ///< === also of one kind
    not_equal,      ///< !=  true for what is missing
    not_same,       ///< !==
    less,           ///< <   numbers, or texts
    less_equal,     ///< <=
    greater,        ///< >
    greater_equal,  ///< >=
    matches,        ///< =~  the whole text
    in,             ///< the left one is an element of the right one
    not_in,         ///< nin
    contains,       ///< a text's part, or an array's element
    all,            ///< the left array has all elements of the right one
    size,           ///< of an array or text
    empty,          ///< array, object or text; the right one says whether it should be
    subset_of,      ///< subsetof
    any_of,         ///< anyof
    none_of,        ///< noneof
};

/// One side of a comparison: a constant, a path from `@` or `$`, or a pattern.
using Operand =
    std::variant<json::value, std::shared_ptr<const Program>, std::shared_ptr<const Regex>>;

/// A node of a filter's condition.
struct FilterNode {
    enum class Kind { any, all, negation, exists, missing, comparison };

    Kind kind = Kind::comparison;
    std::vector<FilterNode> children;  ///< any, all: two or more; negation: one
    Operand left;                      ///< exists, missing: a path
    Operator op = Operator::equal;
    Operand right;
};

/// Whether the filter keeps `item`. `document` is what `$` is within the filter.
/// @throws PathError  limit
[[nodiscard]] bool accepts(
    const FilterNode& node, const json::value& item, const json::value& document, Budget& budget
);

}  // namespace kiln::jsonpath
