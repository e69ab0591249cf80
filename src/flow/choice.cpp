#include "flow/comparison.hpp"
#include "flow/settings.hpp"
#include "flow/state_work.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

Payload required(DataFlow& data, const jsonpath::Path& path) {
    auto value = data.find(path);
    if (value == nullptr) {
        throw data.runtime_failure(fmt::format(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text()
        ));
    }
    return value;
}

bool holds(DataFlow& data, const asl::Comparison& comparison) {
    const auto* wanted = std::get_if<json::value>(&comparison.operand);
    if (comparison.comparator == asl::Comparator::is_present) {
        const bool present = data.find(comparison.variable) != nullptr;
        return wanted == nullptr || present == (wanted->is_bool() && wanted->get_bool());
    }
    const auto value = required(data, comparison.variable);
    if (wanted != nullptr) {
        return compare(comparison.comparator, *value, *wanted);
    }
    const auto operand = required(data, std::get<jsonpath::Path>(comparison.operand));
    return compare(comparison.comparator, *value, *operand);
}

bool holds(DataFlow& data, const asl::JsonataTemplate& expression) {
    const auto value = data.evaluate(expression, {.input = data.raw()}, "Condition");
    if (const auto* truth = value->if_bool()) {
        return *truth;
    }
    throw unexpected_type(data, expression, "Condition", "boolean", *value);
}

/// Recursion is by the definition's depth, which its parser bounds.
bool holds(DataFlow& data, const asl::Condition& condition) {
    const auto inside = [&data](const asl::Condition& inner) { return holds(data, inner); };
    if (const auto* comparison = std::get_if<asl::Comparison>(&condition.test)) {
        return holds(data, *comparison);
    }
    if (const auto* all = std::get_if<asl::AllOf>(&condition.test)) {
        return std::all_of(all->conditions.begin(), all->conditions.end(), inside);
    }
    if (const auto* any = std::get_if<asl::AnyOf>(&condition.test)) {
        return std::any_of(any->conditions.begin(), any->conditions.end(), inside);
    }
    if (const auto* none = std::get_if<asl::NoneOf>(&condition.test)) {
        return !holds(data, none->condition.front());
    }
    return holds(data, std::get<asl::JsonataTemplate>(condition.test));
}

}  // namespace

Chosen choose(DataFlow& data, const asl::ChoiceFields& fields) {
    for (const auto& rule : fields.rules) {
        if (holds(data, rule.condition)) {
            return {&rule, rule.next};
        }
    }
    if (!fields.fallback) {
        throw data.runtime_failure(
            "Failed to transition out of the state. The state does not point to a next state."
        );
    }
    return {nullptr, *fields.fallback};
}

}  // namespace kiln::flow
