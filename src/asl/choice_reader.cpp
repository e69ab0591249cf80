#include "asl/settings.hpp"
#include "asl/state_reader.hpp"
#include "asl/timestamp.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

enum class Operand { text, number, boolean, timestamp };

struct Operator {
    std::string_view name;
    Comparator comparator;
    Operand operand;
    bool has_path = true;  ///< there is also NAMEPath
};

constexpr auto kOperators = std::to_array<Operator>({
    {"StringEquals", Comparator::string_equals, Operand::text},
    {"StringLessThan", Comparator::string_less, Operand::text},
    {"StringGreaterThan", Comparator::string_greater, Operand::text},
    {"StringLessThanEquals", Comparator::string_less_equals, Operand::text},
    {"StringGreaterThanEquals", Comparator::string_greater_equals, Operand::text},
    {"StringMatches", Comparator::string_matches, Operand::text, false},
    {"NumericEquals", Comparator::numeric_equals, Operand::number},
    {"NumericLessThan", Comparator::numeric_less, Operand::number},
    {"NumericGreaterThan", Comparator::numeric_greater, Operand::number},
    {"NumericLessThanEquals", Comparator::numeric_less_equals, Operand::number},
    {"NumericGreaterThanEquals", Comparator::numeric_greater_equals, Operand::number},
    {"BooleanEquals", Comparator::boolean_equals, Operand::boolean},
    {"TimestampEquals", Comparator::timestamp_equals, Operand::timestamp},
    {"TimestampLessThan", Comparator::timestamp_less, Operand::timestamp},
    {"TimestampGreaterThan", Comparator::timestamp_greater, Operand::timestamp},
    {"TimestampLessThanEquals", Comparator::timestamp_less_equals, Operand::timestamp},
    {"TimestampGreaterThanEquals", Comparator::timestamp_greater_equals, Operand::timestamp},
    {"IsNull", Comparator::is_null, Operand::boolean, false},
    {"IsPresent", Comparator::is_present, Operand::boolean, false},
    {"IsNumeric", Comparator::is_numeric, Operand::boolean, false},
    {"IsString", Comparator::is_string, Operand::boolean, false},
    {"IsBoolean", Comparator::is_boolean, Operand::boolean, false},
    {"IsTimestamp", Comparator::is_timestamp, Operand::boolean, false},
});

constexpr std::string_view kPath = "Path";
constexpr std::size_t kDeepestCondition = 100;

/// A comparison field as it may stand in a rule. The names are literals, or live as long.
struct Field {
    std::string name;
    const Operator* which;
    bool path;
};

const std::vector<Field>& comparison_fields() {
    static const auto kFields = [] {
        std::vector<Field> fields;
        for (const auto& each : kOperators) {
            fields.push_back({std::string{each.name}, &each, false});
            if (each.has_path) {
                fields.push_back({std::string{each.name} + std::string{kPath}, &each, true});
            }
        }
        return fields;
    }();
    return kFields;
}

bool is_comparison(std::string_view name) {
    const auto& fields = comparison_fields();
    return std::any_of(fields.begin(), fields.end(), [&](const auto& each) {
        return each.name == name;
    });
}

bool is_selector(std::string_view name) noexcept {
    return name == "And" || name == "Or" || name == "Not" || name == "Variable";
}

void check_rule_fields(const Fields& fields, QueryLanguage language, bool top) {
    const auto jsonata = language == QueryLanguage::jsonata;
    for (const auto& member : fields.object()) {
        const std::string_view key = member.key();
        const auto of_jsonpath = is_selector(key) || is_comparison(key);
        const auto of_jsonata = top && (key == "Condition" || key == "Output");
        if (key == "Comment" || (top && (key == "Next" || key == "Assign")) ||
            (jsonata ? of_jsonata : of_jsonpath)) {
            continue;
        }
        fields.report().schema(
            of_jsonpath || of_jsonata
                ? fmt::format(
                      "The QueryLanguage is set to '{}', but field '{}' is only supported for the "
                      "'{}' QueryLanguage",
                      jsonata ? "JSONata" : "JSONPath",
                      key,
                      jsonata ? "JSONPath" : "JSONata"
                  )
                : fmt::format("Field '{}' is not supported", key),
            fields.where()
        );
    }
}

std::optional<json::value> read_constant(const Fields& fields, const Field& field) {
    const std::string_view key = field.name;
    switch (field.which->operand) {
        case Operand::text: {
            const auto text = fields.string(key);
            if (text && field.which->has_path) {
                warn_of_path(fields, key, *text);
            }
            return text ? std::optional{json::value(*text)} : std::nullopt;
        }
        case Operand::timestamp: {
            const auto text = fields.string(key);
            if (text && !is_timestamp(*text)) {
                fields.report().schema("String does not match RFC3339 timestamp", fields.at(key));
                return std::nullopt;
            }
            return text ? std::optional{json::value(*text)} : std::nullopt;
        }
        case Operand::boolean: {
            const auto value = fields.boolean(key);
            return value ? std::optional{json::value(*value)} : std::nullopt;
        }
        case Operand::number:
            break;
    }
    const auto& value = *fields.find(key);
    if (!value.is_number()) {
        fields.report().schema("Expected value of type [NUMBER]", fields.at(key));
        return std::nullopt;
    }
    return value;
}

std::optional<Comparison> read_comparison(const Fields& fields) {
    auto variable = read_reference(fields, "Variable", RootRule::any);
    std::vector<std::string_view> names;
    const Field* found = nullptr;
    for (const auto& field : comparison_fields()) {
        names.emplace_back(field.name);
        if (found == nullptr && fields.has(field.name)) {
            found = &field;
        }
    }
    if (!fields.exactly_one(names) || found == nullptr) {
        return std::nullopt;
    }
    if (found->path) {
        auto operand = read_reference(fields, found->name, RootRule::any);
        return variable && operand ? std::optional{Comparison{
                                         found->name,
                                         found->which->comparator,
                                         std::move(*variable),
                                         std::move(*operand)}}
                                   : std::nullopt;
    }
    auto operand = read_constant(fields, *found);
    return variable && operand ? std::optional{Comparison{
                                     found->name,
                                     found->which->comparator,
                                     std::move(*variable),
                                     std::move(*operand)}}
                               : std::nullopt;
}

Condition never() {
    return {JsonataTemplate{json::value(false)}};
}

Condition read_nested(const Fields& fields, QueryLanguage language, bool top, std::size_t depth);

std::vector<Condition> read_all(
    const Fields& fields, std::string_view key, QueryLanguage language, std::size_t depth
) {
    std::vector<Condition> conditions;
    const auto* const rules = fields.filled_array(key);
    if (rules == nullptr) {
        return conditions;
    }
    for (std::size_t i = 0; i < rules->size(); ++i) {
        const auto where = fields.at(key, i);
        if (const auto* const rule = (*rules)[i].if_object()) {
            conditions.push_back(
                read_nested({fields.session(), *rule, where}, language, false, depth + 1)
            );
        } else {
            fields.report().schema("Expected value of type [OBJECT]", where);
        }
    }
    return conditions;
}

Condition read_jsonata(const Fields& fields) {
    if (!fields.require({"Condition"})) {
        return never();
    }
    const auto& value = *fields.find("Condition");
    if (!value.is_bool() && !value.is_string()) {
        fields.report().schema("Expected value of type [STRING]", fields.at("Condition"));
        return never();
    }
    auto setting = jsonata_expression_setting(fields, "Condition");
    return setting ? Condition{std::get<JsonataTemplate>(std::move(setting->value))} : never();
}

Condition read_nested(const Fields& fields, QueryLanguage language, bool top, std::size_t depth) {
    if (depth > kDeepestCondition) {
        fields.report().error(
            codes::kTooDeep,
            fmt::format("Conditions are nested deeper than {} levels", kDeepestCondition),
            fields.where()
        );
        return never();
    }
    check_rule_fields(fields, language, top);
    if (language == QueryLanguage::jsonata) {
        return read_jsonata(fields);
    }
    constexpr std::array<std::string_view, 5> kSelectors{
        "And", "Or", "Not", "Variable", "Condition"};
    if (std::count_if(kSelectors.begin(), kSelectors.end(), [&](auto key) {
            return fields.has(key);
        }) != 1) {
        fields.report().schema(
            "The object must have only one of the following fields, " + listed(kSelectors),
            fields.where()
        );
        return never();
    }
    if (fields.has("And")) {
        return {AllOf{read_all(fields, "And", language, depth)}};
    }
    if (fields.has("Or")) {
        return {AnyOf{read_all(fields, "Or", language, depth)}};
    }
    if (const auto* const inner = fields.object("Not")) {
        NoneOf none;
        none.condition.push_back(
            read_nested({fields.session(), *inner, fields.at("Not")}, language, false, depth + 1)
        );
        return {std::move(none)};
    }
    auto comparison = fields.has("Variable") ? read_comparison(fields) : std::nullopt;
    return comparison ? Condition{std::move(*comparison)} : never();
}

ChoiceRule read_rule(const Fields& fields, QueryLanguage language, StateContext& context) {
    fields.require({"Next"});
    ChoiceRule rule{.condition = read_condition(fields, language, true)};
    rule.next = context.targets.read(fields, "Next");
    rule.assign = read_assign(fields, language, {}, context.group);
    if (language == QueryLanguage::jsonata) {
        rule.output = jsonata_setting(fields, "Output");
    }
    return rule;
}

}  // namespace

Condition read_condition(const Fields& fields, QueryLanguage language, bool top) {
    return read_nested(fields, language, top, 0);
}

ChoiceFields read_choice(const Fields& fields, QueryLanguage language, StateContext& context) {
    ChoiceFields choice;
    fields.require({"Choices"});
    if (const auto* const rules = fields.filled_array("Choices")) {
        for (std::size_t i = 0; i < rules->size(); ++i) {
            const auto where = fields.at("Choices", i);
            if (const auto* const rule = (*rules)[i].if_object()) {
                choice.rules.push_back(
                    read_rule({fields.session(), *rule, where}, language, context)
                );
            } else {
                fields.report().schema("Expected value of type [OBJECT]", where);
            }
        }
    }
    if (fields.has("Default")) {
        choice.fallback = context.targets.read(fields, "Default");
    }
    return choice;
}

}  // namespace kiln::asl
