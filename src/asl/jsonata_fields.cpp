#include "asl/settings.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::string_view kOpen = "{%";
constexpr std::string_view kClose = "%}";
constexpr std::size_t kDeepestValue = 100;

bool opens(std::string_view text) noexcept {
    return text.substr(0, kOpen.size()) == kOpen;
}

bool closes(std::string_view text) noexcept {
    return text.size() >= kClose.size() && text.substr(text.size() - kClose.size()) == kClose;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Does `$states` have this member here?
bool has_member(std::string_view name, const Readable& readable) noexcept {
    return name == "input" || name == "context" || (name == "result" && readable.result) ||
           (name == "errorOutput" && readable.error_output);
}

void check_references(
    Report& report,
    const jsonata::Expression& expression,
    const Readable& readable,
    const std::string& location
) {
    const auto references = expression.references();
    std::vector<std::string> told;
    const auto tell = [&](std::string message) {
        if (std::find(told.begin(), told.end(), message) == told.end()) {
            report.error(codes::kJsonataReference, message, location);
            told.push_back(std::move(message));
        }
    };
    for (const auto& use : references.context) {
        tell(
            use.text == "$$"
                ? std::string{"Reference to '$$' is not supported."}
                : fmt::format("Reference to '{}' at the top level is not supported.", use.text)
        );
    }
    for (const auto& reference : references.variables) {
        if (reference.variable == "states" && !reference.path.empty() &&
            !has_member(reference.path.front(), readable)) {
            tell(fmt::format("Field '$states.{}' does not exist.", reference.path.front()));
        }
    }
}

std::optional<JsonataField> compile_field(
    Report& report, std::string_view text, const Readable& readable, const std::string& location
) {
    const auto inner =
        trimmed(text.substr(kOpen.size(), text.size() - kOpen.size() - kClose.size()));
    try {
        JsonataField field{jsonata::compile(inner), std::string{inner}};
        check_references(report, field.expression, readable, location);
        return field;
    } catch (const jsonata::Error& error) {
        report.error(codes::kJsonata, error.message(), location);
        return std::nullopt;
    }
}

JsonataTemplate compile_text(
    Session& session,
    const json::value& value,
    const std::string& location,
    const Readable& readable
) {
    const std::string_view text = value.as_string();
    if (is_jsonata(text)) {
        auto field = compile_field(session.report, text, readable, location);
        return field ? JsonataTemplate{std::move(*field)} : JsonataTemplate{value};
    }
    if (opens(text)) {
        session.report.schema("JSONata string must start with {% and end with %}", location);
    }
    return {value};
}

bool is_constant(const JsonataTemplate& value) noexcept {
    return std::holds_alternative<json::value>(value.node);
}

/// What goes down into a value.
struct Descent {
    Session& session;
    const Readable& readable;
};

JsonataTemplate compile_any(
    const Descent& descent, const json::value& value, const std::string& location, std::size_t depth
);

JsonataTemplate compile_array(
    const Descent& descent, const json::value& value, const std::string& location, std::size_t depth
) {
    JsonataTemplate::Array array;
    for (const auto& item : value.as_array()) {
        array.push_back(
            compile_any(descent, item, fmt::format("{}[{}]", location, array.size()), depth + 1)
        );
    }
    return std::all_of(array.begin(), array.end(), is_constant) ? JsonataTemplate{value}
                                                                : JsonataTemplate{std::move(array)};
}

JsonataTemplate compile_object(
    const Descent& descent, const json::value& value, const std::string& location, std::size_t depth
) {
    JsonataTemplate::Object members;
    for (const auto& member : value.as_object()) {
        const std::string_view key = member.key();
        members.push_back(
            {std::string{key},
             compile_any(descent, member.value(), below(location, key), depth + 1)}
        );
    }
    const auto constant = std::all_of(members.begin(), members.end(), [](const auto& member) {
        return is_constant(member.value);
    });
    return constant ? JsonataTemplate{value} : JsonataTemplate{std::move(members)};
}

JsonataTemplate compile_any(
    const Descent& descent, const json::value& value, const std::string& location, std::size_t depth
) {
    if (depth > kDeepestValue) {
        descent.session.report.error(
            codes::kTooDeep,
            fmt::format("The value is nested deeper than {} levels", kDeepestValue),
            location
        );
        return {value};
    }
    if (value.is_string()) {
        return compile_text(descent.session, value, location, descent.readable);
    }
    if (value.is_array()) {
        return compile_array(descent, value, location, depth);
    }
    return value.is_object() ? compile_object(descent, value, location, depth)
                             : JsonataTemplate{value};
}

}  // namespace

bool is_jsonata(std::string_view text) noexcept {
    return text.size() >= kOpen.size() + kClose.size() && opens(text) && closes(text);
}

JsonataTemplate compile_jsonata(
    Session& session,
    const json::value& value,
    const std::string& location,
    const Readable& readable
) {
    return compile_any({session, readable}, value, location, 0);
}

std::optional<Setting> jsonata_setting(
    const Fields& fields, std::string_view key, const Readable& readable
) {
    const auto* const value = fields.find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    return Setting{key, compile_jsonata(fields.session(), *value, fields.at(key), readable)};
}

std::optional<Setting> jsonata_expression_setting(const Fields& fields, std::string_view key) {
    const auto* const value = fields.find(key);
    if (value != nullptr && value->is_string() && !is_jsonata(value->as_string())) {
        fields.report().schema("JSONata string must start with {% and end with %}", fields.at(key));
        return std::nullopt;
    }
    return jsonata_setting(fields, key);
}

}  // namespace kiln::asl
