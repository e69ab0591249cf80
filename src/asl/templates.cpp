#include "asl/settings.hpp"

#include <fmt/format.h>

namespace kiln::asl {

namespace {

using Problem = jsonpath::TemplateProblem;

void report_problem(Report& report, const Problem& problem, const std::string& location) {
    switch (problem.kind) {
        case Problem::Kind::not_an_expression:
        case Problem::Kind::not_a_string:
            report.schema(
                fmt::format(
                    "The value for the field '{}' must be a valid JSONPath or a valid intrinsic "
                    "function call",
                    problem.field
                ),
                location
            );
            return;
        case Problem::Kind::duplicate_key:
            report.schema(
                fmt::format("Field '{}' stands twice, with and without '.$'", problem.field),
                location
            );
            return;
        case Problem::Kind::too_deep:
            report.error(codes::kTooDeep, "The value is too deeply nested", location);
            return;
    }
}

/// Does a constant look as if it should be computed?
bool looks_computed(std::string_view text) noexcept {
    return text == "$" || text.substr(0, 2) == "$." || text.substr(0, 2) == "$[" ||
           text.substr(0, 3) == "$$." ||
           (text.substr(0, 7) == "States." && text.find('(') != std::string_view::npos);
}

void warn_of_constants(Report& report, const json::value& value, const std::string& location) {
    if (const auto* const items = value.if_array()) {
        for (const auto& item : *items) {
            warn_of_constants(report, item, location);
        }
    }
    const auto* const object = value.if_object();
    if (object == nullptr) {
        return;
    }
    for (const auto& [key, member] : *object) {
        const std::string_view name = key;
        const auto computed = name.size() > 2 && name.substr(name.size() - 2) == ".$";
        if (!computed && member.is_string() && looks_computed(member.as_string())) {
            report.warning(
                codes::kNoDollar,
                fmt::format(
                    "The value of the field '{0}' is a constant; '{0}.$' computes it", name
                ),
                location
            );
        }
        warn_of_constants(report, member, location);
    }
}

}  // namespace

std::optional<Setting> template_setting(const Fields& fields, std::string_view key) {
    const auto* const value = fields.find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_object() && !value->is_array()) {
        fields.report().schema("Expected value of type [OBJECT]", fields.at(key));
        return std::nullopt;
    }
    std::vector<Problem> problems;
    auto compiled = jsonpath::Template::compile(*value, problems);
    for (const auto& problem : problems) {
        report_problem(fields.report(), problem, fields.at(key));
    }
    if (!problems.empty()) {
        return std::nullopt;
    }
    warn_of_constants(fields.report(), *value, fields.at(key));
    return Setting{key, std::move(compiled)};
}

}  // namespace kiln::asl
