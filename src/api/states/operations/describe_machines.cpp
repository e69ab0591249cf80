// State machines as they are described, and definitions as they are judged.

#include "api/states/map_processor.hpp"
#include "api/states/operations.hpp"
#include "api/states/show_execution.hpp"
#include "asl/parse.hpp"
#include "asl/variables.hpp"
#include "machines/arns.hpp"
#include "machines/rules.hpp"

namespace kiln::api::states {

namespace {

constexpr std::size_t kMostDiagnostics = 100;

/// What a description of a revision has, whoever asks for it.
/// @param label  of a distributed Map, whose processor is meant; "" the whole
json::object show_revision(
    machines::Registry& registry,
    const ports::RevisionRow& row,
    const std::string& label,
    bool with_data
) {
    json::object answer{
        {"roleArn", row.role},
        {"loggingConfiguration", json::parse(row.logging)},
        {"tracingConfiguration", json::parse(row.tracing)},
        {"encryptionConfiguration", json::parse(row.encryption)}};
    if (!row.id.empty()) {
        answer["revisionId"] = row.id;
    }
    if (!label.empty()) {
        answer["label"] = label;
    }
    if (!with_data) {
        answer["definition"] = "{}";
        return answer;
    }
    const auto machine = registry.revision(row.number);
    answer["definition"] =
        label.empty() ? row.definition : map_processor(*machine, row.definition, label);
    if (auto references = asl::variable_references(*machine); !references.empty()) {
        answer["variableReferences"] = std::move(references);
    }
    return answer;
}

json::object show_diagnostic(const asl::Diagnostic& diagnostic) {
    json::object shown{
        {"severity", to_string(diagnostic.severity)},
        {"code", diagnostic.code},
        {"message", diagnostic.message}};
    if (!diagnostic.location.empty()) {
        shown["location"] = diagnostic.location;
    }
    return shown;
}

}  // namespace

void describe_state_machine(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = input.text("stateMachineArn");
    const auto found = context.registry.find(arn);
    const auto* const target = admitted(found, *reply);
    if (target == nullptr) {
        return;
    }
    const auto row = context.registry.stored_revision(target->revision->number);
    if (!row) {
        return reply->fail(machines::machine_does_not_exist(arn));
    }
    auto answer = show_revision(context.registry, *row, target->label, !metadata_only(input));
    const auto& machine = *target->machine;
    answer["stateMachineArn"] = arn;
    answer["name"] = machine.name;
    answer["status"] = to_string(machine.status);
    answer["type"] = to_string(machine.type);
    answer["creationDate"] =
        epoch_seconds(target->version ? target->version->created : machine.created);
    if (target->version && target->version->description) {
        answer["description"] = *target->version->description;
    }
    reply->succeed(answer);
}

void describe_state_machine_for_execution(
    const Context& context, const Input& input, ReplyPtr reply
) {
    const auto arn = input.text("executionArn");
    if (const auto failure = refuse_execution_arn(arn)) {
        return reply->fail(*failure);
    }
    const auto found = context.engine.describe(arn);
    const auto* const view = admitted(found, *reply);
    if (view == nullptr) {
        return;
    }
    const auto row = context.registry.stored_revision(view->row.revision);
    if (!row) {
        return reply->fail(
            {"ExecutionDoesNotExist", "Execution Does Not Exist: '" + view->row.arn + "'"}
        );
    }
    const auto read = machines::read_arn(view->row.machine);
    const auto* const machine = std::get_if<asl::Arn>(&read);
    auto answer = show_revision(
        context.registry,
        *row,
        machine == nullptr ? std::string{} : machine->label,
        !metadata_only(input)
    );
    answer["stateMachineArn"] = view->row.machine;
    answer["name"] = machine == nullptr ? std::string{} : machine->machine;
    answer["updateDate"] = epoch_seconds(row->created);
    if (!view->row.map_run.empty()) {
        answer["mapRunArn"] = view->row.map_run;
    }
    reply->succeed(answer);
}

void validate_state_machine_definition(const Context&, const Input& input, ReplyPtr reply) {
    const bool express = input.maybe_text("type") == "EXPRESS";
    const auto parsed = asl::parse_definition(
        input.text("definition"),
        {.type = express ? asl::MachineType::express : asl::MachineType::standard}
    );
    const bool warnings = input.maybe_text("severity") == "WARNING";
    auto most = static_cast<std::size_t>(input.number("maxResults").value_or(0));
    most = most == 0 ? kMostDiagnostics : most;
    json::array shown;
    bool truncated = false;
    for (const auto& diagnostic : parsed.diagnostics) {
        if (!warnings && diagnostic.severity == asl::Severity::warning) {
            continue;
        }
        if (shown.size() == most) {
            truncated = true;
            break;
        }
        shown.push_back(show_diagnostic(diagnostic));
    }
    reply->succeed(
        {{"result", parsed.machine ? "OK" : "FAIL"},
         {"diagnostics", std::move(shown)},
         {"truncated", truncated}}
    );
}

}  // namespace kiln::api::states
