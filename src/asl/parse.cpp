#include "asl/parse.hpp"

#include "asl/duplicate_states.hpp"
#include "asl/group_reader.hpp"
#include "asl/json_error.hpp"
#include "asl/state_fields.hpp"

#include <variant>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::int64_t kLongestSeconds = 99'999'999;
constexpr std::string_view kNoObject = "Definition must be a valid JSON object";

Parsed refused(std::string_view code, std::string message, std::string location) {
    return {
        nullptr, {{Severity::error, std::string{code}, std::move(message), std::move(location)}}};
}

/// The text as an object, or why it is none.
std::variant<json::object, Parsed> read_object(std::string_view text, std::size_t limit_bytes) {
    if (text.size() > limit_bytes) {
        return refused(
            codes::kSchema, fmt::format("Definition is longer than {} bytes", limit_bytes), {}
        );
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return refused(codes::kSchema, std::string{kNoObject}, {});
    }
    if (const auto fault = explain_json_error(text)) {
        const auto where = json_source(text, fault->line, fault->column);
        return refused(codes::kJson, fmt::format("{}\n at {}", fault->message, where), where);
    }
    json::parse_options options;
    options.max_depth = kDeepestJson + 1;
    json::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error) {
        return refused(codes::kJson, "Not a JSON text: " + error.message(), {});
    }
    if (!value.is_object()) {
        return refused(codes::kSchema, std::string{kNoObject}, {});
    }
    return std::move(value.as_object());
}

StateMachine read_machine(
    Session& session, std::string_view text, const json::object& definition, bool express
) {
    const Fields fields{session, definition, ""};
    fields.only({"StartAt", "States", "QueryLanguage", "TimeoutSeconds", "Version"});
    StateMachine machine;
    machine.language = read_language(fields, QueryLanguage::jsonpath);
    session.machine_language = machine.language;
    machine.comment = fields.string("Comment").value_or("");
    static_cast<void>(fields.one_of("Version", {"1.0"}));
    machine.timeout_seconds = fields.integer("TimeoutSeconds", 0, kLongestSeconds);
    if (machine.timeout_seconds == 0) {
        machine.timeout_seconds.reset();
    }
    for (const auto& twice : duplicate_states(text)) {
        session.report.error(
            codes::kDuplicateState, "Duplicate State name: " + twice.name, twice.location
        );
    }
    GroupContext context;
    context.express = express;
    machine.top = read_group(fields, context, "");
    return machine;
}

Parsed finished(Session&& session, StateMachine&& machine) {
    Parsed parsed;
    parsed.diagnostics = std::move(session.report).take();
    if (!has_errors(parsed.diagnostics)) {
        parsed.machine = std::make_shared<const StateMachine>(std::move(machine));
    }
    return parsed;
}

bool is_whole(const json::object& definition) {
    return definition.contains("States") && !definition.contains("Type");
}

}  // namespace

Parsed parse_definition(std::string_view text, const ParseOptions& options) {
    auto object = read_object(text, options.limit_bytes);
    if (auto* const parsed = std::get_if<Parsed>(&object)) {
        return std::move(*parsed);
    }
    Session session;
    auto machine = read_machine(
        session, text, std::get<json::object>(object), options.type == MachineType::express
    );
    return finished(std::move(session), std::move(machine));
}

Parsed parse_state(std::string_view text, std::string_view name, const ParseOptions& options) {
    auto object = read_object(text, options.limit_bytes);
    if (auto* const parsed = std::get_if<Parsed>(&object)) {
        return std::move(*parsed);
    }
    const auto& definition = std::get<json::object>(object);
    if (is_whole(definition)) {
        return parse_definition(text, options);
    }
    Session session;
    StateMachine machine;
    machine.top =
        read_single_state(session, definition, name, options.type == MachineType::express);
    return finished(std::move(session), std::move(machine));
}

bool is_whole_definition(std::string_view text) {
    const auto object = read_object(text, ParseOptions{}.limit_bytes);
    const auto* const definition = std::get_if<json::object>(&object);
    return definition != nullptr && is_whole(*definition);
}

}  // namespace kiln::asl
