#include "jsonpath/filter.hpp"

#include "jsonpath/text.hpp"
#include "jsonpath/walk.hpp"

#include <algorithm>
#include <charconv>
#include <compare>
#include <optional>

namespace kiln::jsonpath {

namespace {

constexpr std::size_t kCostOfPattern = 16;

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
}

bool equal(const json::value& left, const json::value& right) {
    if (left.is_number() && right.is_number()) {
        return std::is_eq(compare_numbers(left, right));
    }
    if (left.is_number() && right.is_string()) {
        const auto number = number_in(right.get_string());
        return number && std::is_eq(compare_numbers(left, json::value(*number)));
    }
    if (left.is_string() && right.is_number()) {
        return left.get_string() == number_text(right);
    }
    return left == right;
}

std::partial_ordering order(const json::value& left, const json::value& right) {
    if (left.is_number() && right.is_number()) {
        return compare_numbers(left, right);
    }
    if (left.is_string() && right.is_string()) {
        return left.get_string().compare(right.get_string()) <=> 0;
    }
    return std::partial_ordering::unordered;
}

bool has(const json::array& array, const json::value& value) {
    return std::any_of(array.begin(), array.end(), [&](const json::value& element) {
        return equal(value, element);
    });
}

/// The elements of one array that are in the other one.
std::size_t common(const json::array& of, const json::array& in) {
    return static_cast<std::size_t>(std::count_if(
        of.begin(), of.end(), [&](const json::value& value) { return has(in, value); }
    ));
}

bool has_size(const json::value& value, const json::value& size) {
    if (!size.is_number()) {
        return false;
    }
    if (value.is_string()) {
        return std::is_eq(compare_numbers(json::value(count_characters(value.get_string())), size));
    }
    return value.is_array() &&
           std::is_eq(compare_numbers(json::value(value.get_array().size()), size));
}

std::optional<bool> is_empty(const json::value& value) {
    switch (value.kind()) {
        case json::kind::string:
            return value.get_string().empty();
        case json::kind::array:
            return value.get_array().empty();
        case json::kind::object:
            return value.get_object().empty();
        case json::kind::null:
        case json::kind::bool_:
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            break;
    }
    return std::nullopt;
}

bool contains(const json::value& value, const json::value& part) {
    if (value.is_string() && part.is_string()) {
        const std::string_view text = value.get_string();
        return text.find(std::string_view{part.get_string()}) != std::string_view::npos;
    }
    return value.is_array() && has(value.get_array(), part);
}

bool same_kind(const json::value& left, const json::value& right) {
    return left.kind() == right.kind() || (left.is_number() && right.is_number());
}

/// Both arrays, or the operators of sets do not hold.
bool relates(Operator op, const json::value& left, const json::value& right) {
    const auto* ours = left.if_array();
    const auto* theirs = right.if_array();
    if (ours == nullptr || theirs == nullptr) {
        return false;
    }
    if (op == Operator::all) {
        return common(*theirs, *ours) == theirs->size();
    }
    const auto shared = common(*ours, *theirs);
    return op == Operator::subset_of ? shared == ours->size()
           : op == Operator::any_of  ? shared > 0
                                     : shared == 0;
}

bool holds(Operator op, const json::value& left, const json::value& right) {
    switch (op) {
        case Operator::equal:
            return equal(left, right);
        case Operator::same:
            return same_kind(left, right) && equal(left, right);
        case Operator::not_equal:
            return !equal(left, right);
        case Operator::not_same:
            return !same_kind(left, right) || !equal(left, right);
        case Operator::less:
            return std::is_lt(order(left, right));
        case Operator::less_equal:
            return std::is_lteq(order(left, right));
        case Operator::greater:
            return std::is_gt(order(left, right));
        case Operator::greater_equal:
            return std::is_gteq(order(left, right));
        case Operator::in:
            return right.is_array() && has(right.get_array(), left);
        case Operator::not_in:
            return !right.is_array() || !has(right.get_array(), left);
        case Operator::contains:
            return contains(left, right);
        case Operator::size:
            return has_size(left, right);
        case Operator::empty:
            return right.is_bool() && is_empty(left) == right.get_bool();
        case Operator::subset_of:
        case Operator::all:
        case Operator::any_of:
        case Operator::none_of:
            return relates(op, left, right);
        case Operator::matches:
            return false;
    }
    return false;
}

bool matches(const Regex& regex, const json::value& value, Budget& budget) {
    budget.spend(kCostOfPattern);
    std::string text;
    if (value.is_string()) {
        text = value.get_string();
    } else if (value.is_number() || value.is_bool()) {
        text = compact_text(value);
    }
    const auto answer = regex.matches(text);
    if (answer == Regex::Answer::gave_up) {
        budget.give_up("a pattern of the path backtracks too often");
    }
    return answer == Regex::Answer::yes;
}

bool matches_any(const Regex& regex, const json::value& value, Budget& budget) {
    const auto* array = value.if_array();
    if (array == nullptr) {
        return matches(regex, value, budget);
    }
    return std::any_of(array->begin(), array->end(), [&](const json::value& element) {
        return matches(regex, element, budget);
    });
}

/// One comparison or test of existence, for one item.
class Comparison {
  public:
    Comparison(const json::value& item, const json::value& document, Budget& budget)
        : item_{item}, document_{document}, budget_{budget} {}

    bool exists(const Operand& operand) {
        const auto& program = *std::get<std::shared_ptr<const Program>>(operand);
        const auto match = value_of(program);
        return match.found() && (program.definite || !match.get()->get_array().empty());
    }

    bool holds(const FilterNode& node) {
        budget_.spend();
        Match left_match;
        Match right_match;
        const auto* left = value_of(node.left, left_match);
        const auto* right = value_of(node.right, right_match);
        if (node.op == Operator::matches) {
            return pattern_holds(node, left, right);
        }
        if (left == nullptr || right == nullptr) {
            return node.op == Operator::not_equal || node.op == Operator::not_same ||
                   node.op == Operator::not_in;
        }
        spend_for_arrays(*left, *right);
        return jsonpath::holds(node.op, *left, *right);
    }

  private:
    Match value_of(const Program& program) {
        return evaluate(program, program.from_item ? item_ : document_, document_, budget_);
    }

    const json::value* value_of(const Operand& operand, Match& keep) {
        if (const auto* constant = std::get_if<json::value>(&operand); constant != nullptr) {
            return constant;
        }
        if (const auto* path = std::get_if<std::shared_ptr<const Program>>(&operand);
            path != nullptr) {
            keep = value_of(**path);
            return keep.get();
        }
        return nullptr;
    }

    bool pattern_holds(const FilterNode& node, const json::value* left, const json::value* right) {
        const auto* of_left = std::get_if<std::shared_ptr<const Regex>>(&node.left);
        const auto* of_right = std::get_if<std::shared_ptr<const Regex>>(&node.right);
        const auto* regex = of_left != nullptr ? of_left : of_right;
        const auto* value = of_left != nullptr ? right : left;
        if ((of_left != nullptr) == (of_right != nullptr) || value == nullptr) {
            return false;
        }
        return matches_any(**regex, *value, budget_);
    }

    /// Operators of sets compare each with each.
    void spend_for_arrays(const json::value& left, const json::value& right) {
        const auto* ours = left.if_array();
        const auto* theirs = right.if_array();
        const auto length = [](const json::array* array) {
            return array == nullptr ? std::size_t{1} : std::max<std::size_t>(1, array->size());
        };
        budget_.spend(length(ours));
        budget_.spend(length(theirs));
        if (ours != nullptr && theirs != nullptr) {
            budget_.spend(length(ours) * length(theirs) / 16);
        }
    }

    const json::value& item_;
    const json::value& document_;
    Budget& budget_;
};

}  // namespace

bool accepts(
    const FilterNode& node, const json::value& item, const json::value& document, Budget& budget
) {
    const auto accepted = [&](const FilterNode& child) {
        return accepts(child, item, document, budget);
    };
    const auto& children = node.children;
    switch (node.kind) {
        case FilterNode::Kind::any:
            return std::any_of(children.begin(), children.end(), accepted);
        case FilterNode::Kind::all:
            return std::all_of(children.begin(), children.end(), accepted);
        case FilterNode::Kind::negation:
            return !accepted(children.front());
        case FilterNode::Kind::exists:
            return Comparison{item, document, budget}.exists(node.left);
        case FilterNode::Kind::missing:
            return !Comparison{item, document, budget}.exists(node.left);
        case FilterNode::Kind::comparison:
            return Comparison{item, document, budget}.holds(node);
    }
    return false;
}

}  // namespace kiln::jsonpath
