#include "asl/transitions.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

std::string_view sign_of(Comparator comparator) noexcept {
    switch (comparator) {
        case Comparator::string_equals:
        case Comparator::numeric_equals:
        case Comparator::boolean_equals:
        case Comparator::timestamp_equals:
            return "=";
        case Comparator::string_less:
        case Comparator::numeric_less:
        case Comparator::timestamp_less:
            return "<";
        case Comparator::string_greater:
        case Comparator::numeric_greater:
        case Comparator::timestamp_greater:
            return ">";
        case Comparator::string_less_equals:
        case Comparator::numeric_less_equals:
        case Comparator::timestamp_less_equals:
            return "≤";
        case Comparator::string_greater_equals:
        case Comparator::numeric_greater_equals:
        case Comparator::timestamp_greater_equals:
            return "≥";
        case Comparator::string_matches:
            return "matches";
        case Comparator::is_null:
            return "null";
        case Comparator::is_present:
            return "present";
        case Comparator::is_numeric:
            return "numeric";
        case Comparator::is_string:
            return "string";
        case Comparator::is_boolean:
            return "boolean";
        case Comparator::is_timestamp:
            return "timestamp";
    }
    return "";
}

bool asks_for_kind(Comparator comparator) noexcept {
    return comparator >= Comparator::is_null;
}

std::string joined(const std::vector<Condition>& conditions, std::string_view word) {
    std::string out;
    for (const auto& each : conditions) {
        out += out.empty() ? "" : fmt::format(" {} ", word);
        const auto whole = std::holds_alternative<Comparison>(each.test) ||
                           std::holds_alternative<NoneOf>(each.test) || conditions.size() == 1;
        out += whole ? summary(each) : fmt::format("({})", summary(each));
    }
    return out;
}

struct Summarize {
    std::string operator()(const Comparison& comparison) const {
        const auto& variable = comparison.variable.text();
        const auto sign = sign_of(comparison.comparator);
        const auto* const constant = std::get_if<json::value>(&comparison.operand);
        if (constant != nullptr && asks_for_kind(comparison.comparator)) {
            const auto wanted = constant->is_bool() && constant->as_bool();
            return fmt::format("{} is {}{}", variable, wanted ? "" : "not ", sign);
        }
        const auto operand = constant != nullptr
                                 ? json::serialize(*constant)
                                 : std::get<jsonpath::Path>(comparison.operand).text();
        return fmt::format("{} {} {}", variable, sign, operand);
    }

    std::string operator()(const AllOf& all) const { return joined(all.conditions, "and"); }

    std::string operator()(const AnyOf& any) const { return joined(any.conditions, "or"); }

    std::string operator()(const NoneOf& none) const {
        return fmt::format("not ({})", joined(none.condition, "and"));
    }

    std::string operator()(const JsonataTemplate& value) const {
        if (const auto* const field = std::get_if<JsonataField>(&value.node)) {
            return field->text;
        }
        const auto* const constant = std::get_if<json::value>(&value.node);
        return constant == nullptr ? std::string{} : json::serialize(*constant);
    }
};

/// A constant or a path, in short.
std::string shown(const Setting& setting) {
    if (const auto* const constant = std::get_if<json::value>(&setting.value)) {
        return constant->is_string() ? std::string{constant->as_string()}
                                     : json::serialize(*constant);
    }
    if (const auto* const path = std::get_if<jsonpath::Path>(&setting.value)) {
        return path->text();
    }
    if (const auto* const call = std::get_if<jsonpath::Intrinsic>(&setting.value)) {
        return call->text();
    }
    const auto* const value = std::get_if<JsonataTemplate>(&setting.value);
    return value == nullptr ? std::string{} : Summarize{}(*value);
}

std::string shown(const Resource& resource) {
    if (resource.kind == ResourceKind::integration) {
        return fmt::format("{}:{}", resource.service, resource.action_with_pattern());
    }
    const auto kind = resource.kind == ResourceKind::activity ? "activity" : "function";
    const auto at = resource.arn.find(fmt::format(":{}:", kind));
    return at == std::string::npos ? resource.arn : resource.arn.substr(at + 1);
}

struct Describe {
    std::string operator()(const TaskFields& task) const { return ' ' + shown(task.resource); }

    std::string operator()(const WaitFields& wait) const {
        const auto seconds = wait.until.field == "Seconds";
        return fmt::format(" {}{}", shown(wait.until), seconds ? " s" : "");
    }

    std::string operator()(const FailFields& fail) const {
        return fail.error ? ' ' + shown(*fail.error) : std::string{};
    }

    std::string operator()(const MapFields& map) const {
        return map.distributed ? " (distributed)" : "";
    }

    template <class T>
    std::string operator()(const T&) const {
        return {};
    }
};

}  // namespace

std::vector<Transition> transitions_of(const State& state) {
    std::vector<Transition> out;
    if (state.next) {
        out.push_back({*state.next, TransitionKind::next, {}});
    }
    if (const auto* const choice = std::get_if<ChoiceFields>(&state.fields)) {
        for (const auto& rule : choice->rules) {
            out.push_back({rule.next, TransitionKind::rule, summary(rule.condition)});
        }
        if (choice->fallback) {
            out.push_back({*choice->fallback, TransitionKind::fallback, "otherwise"});
        }
    }
    for (const auto& catcher : state.catchers) {
        out.push_back(
            {catcher.next,
             TransitionKind::caught,
             fmt::format("on {}", fmt::join(catcher.error_equals, ", "))}
        );
    }
    return out;
}

std::vector<const StateGroup*> groups_of(const State& state) {
    std::vector<const StateGroup*> out;
    if (const auto* const parallel = std::get_if<ParallelFields>(&state.fields)) {
        for (const auto& branch : parallel->branches) {
            out.push_back(&branch);
        }
    }
    if (const auto* const map = std::get_if<MapFields>(&state.fields)) {
        out.push_back(&map->processor);
    }
    return out;
}

std::string summary(const Condition& condition) {
    return std::visit(Summarize{}, condition.test);
}

std::string summary(const State& state) {
    return std::string{to_string(state.type)} + std::visit(Describe{}, state.fields);
}

}  // namespace kiln::asl
