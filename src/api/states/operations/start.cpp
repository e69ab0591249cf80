// Executions begin.

#include "api/states/operations.hpp"
#include "api/states/show_execution.hpp"
#include "asl/json_error.hpp"
#include "machines/rules.hpp"

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::optional<Failure> refuse_execution_input(const std::string& input) {
    const auto bad = [](std::string_view why) {
        return Failure{
            "InvalidExecutionInput",
            fmt::format("Invalid State Machine Execution Input: '{}'", why)};
    };
    if (input.find_first_not_of(kBlank) == std::string::npos) {
        return bad("Invalid execution input.");
    }
    const auto fault = asl::explain_json_error(input);
    return fault ? std::optional{bad(fault->message)} : std::nullopt;
}

flow::MachineRevision revision_of(machines::Registry& registry, const machines::Target& target) {
    flow::MachineRevision made;
    made.revision = target.revision->number;
    made.arn = target.machine->arn;
    made.name = target.machine->name;
    made.version = target.version ? target.machine->version_arn(target.version->number) : "";
    made.alias = target.alias ? target.machine->alias_arn(target.alias->name) : "";
    made.role_arn = target.revision->role;
    made.machine = registry.revision(target.revision->number);
    made.express = target.machine->type == machines::MachineType::express;
    return made;
}

/// What is to be started. When it may not be, it answers so and gives nullopt.
/// @param wanted  the only type of machine that will do; nullopt: both
std::optional<flow::StartSpec> start_of(
    const Context& context,
    const Input& input,
    std::optional<machines::MachineType> wanted,
    Reply& reply
) {
    const auto found = context.registry.find_startable(input.text("stateMachineArn"));
    const auto* const target = admitted(found, reply);
    if (target == nullptr) {
        return std::nullopt;
    }
    if (wanted && target->machine->type != *wanted) {
        reply.fail(type_not_supported());
        return std::nullopt;
    }
    flow::StartSpec spec;
    spec.name = input.maybe_text("name").value_or("");
    spec.input = input.maybe_text("input").value_or("{}");
    spec.trace_header = input.maybe_text("traceHeader").value_or("");
    auto refusal = spec.name.empty() ? std::nullopt : machines::refuse_name(spec.name);
    if (!refusal) {
        refusal = refuse_execution_input(spec.input);
    }
    if (refusal) {
        reply.fail(*refusal);
        return std::nullopt;
    }
    spec.machine = revision_of(context.registry, *target);
    return spec;
}

}  // namespace

void start_execution(const Context& context, const Input& input, ReplyPtr reply) {
    if (auto spec = start_of(context, input, std::nullopt, *reply)) {
        context.engine.start(
            *std::move(spec),
            answer<flow::StartedExecution>(
                std::move(reply),
                [](const flow::StartedExecution& started) -> json::object {
                    return {
                        {"executionArn", started.arn},
                        {"startDate", epoch_seconds(started.started)}};
                }
            )
        );
    }
}

void start_sync_execution(const Context& context, const Input& input, ReplyPtr reply) {
    auto spec = start_of(context, input, machines::MachineType::express, *reply);
    if (!spec) {
        return;
    }
    const bool with_data = !metadata_only(input);
    context.engine.start(
        *std::move(spec),
        [context,
         with_data,
         reply = std::move(reply)](const flow::Result<flow::StartedExecution>& result) {
            if (const auto* const started = admitted(result, *reply)) {
                context.engine.watch(
                    started->arn,
                    answer<flow::ExecutionView>(
                        reply,
                        [with_data](const flow::ExecutionView& view) {
                            return show_ended(view, with_data);
                        }
                    )
                );
            }
        }
    );
}

}  // namespace kiln::api::states
