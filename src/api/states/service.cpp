#include "api/states/service.hpp"

#include "api/states/constraints.hpp"
#include "api/states/operations.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

constexpr std::string_view kTargetPrefix = "AWSStepFunctions.";
/// AWS takes requests of 1 MiB; escapes make a definition of that size longer.
constexpr std::size_t kLargestRequest = 4U << 20;

struct Operation {
    std::string_view name;
    void (*call)(const Context&, const Input&, ReplyPtr) = nullptr;
};

constexpr std::array kOperations{
    Operation{"CreateActivity", create_activity},
    Operation{"CreateStateMachine", create_state_machine},
    Operation{"CreateStateMachineAlias", create_state_machine_alias},
    Operation{"DeleteActivity", delete_activity},
    Operation{"DeleteStateMachine", delete_state_machine},
    Operation{"DeleteStateMachineAlias", delete_state_machine_alias},
    Operation{"DeleteStateMachineVersion", delete_state_machine_version},
    Operation{"DescribeActivity", describe_activity},
    Operation{"DescribeExecution", describe_execution},
    Operation{"DescribeMapRun", describe_map_run},
    Operation{"DescribeStateMachine", describe_state_machine},
    Operation{"DescribeStateMachineAlias", describe_state_machine_alias},
    Operation{"DescribeStateMachineForExecution", describe_state_machine_for_execution},
    Operation{"GetActivityTask", get_activity_task},
    Operation{"GetExecutionHistory", get_execution_history},
    Operation{"ListActivities", list_activities},
    Operation{"ListExecutions", list_executions},
    Operation{"ListMapRuns", list_map_runs},
    Operation{"ListStateMachineAliases", list_state_machine_aliases},
    Operation{"ListStateMachineVersions", list_state_machine_versions},
    Operation{"ListStateMachines", list_state_machines},
    Operation{"ListTagsForResource", list_tags_for_resource},
    Operation{"PublishStateMachineVersion", publish_state_machine_version},
    Operation{"RedriveExecution", redrive_execution},
    Operation{"SendTaskFailure", send_task_failure},
    Operation{"SendTaskHeartbeat", send_task_heartbeat},
    Operation{"SendTaskSuccess", send_task_success},
    Operation{"StartExecution", start_execution},
    Operation{"StartSyncExecution", start_sync_execution},
    Operation{"StopExecution", stop_execution},
    Operation{"TagResource", tag_resource},
    Operation{"TestState", test_state},
    Operation{"UntagResource", untag_resource},
    Operation{"UpdateMapRun", update_map_run},
    Operation{"UpdateStateMachine", update_state_machine},
    Operation{"UpdateStateMachineAlias", update_state_machine_alias},
    Operation{"ValidateStateMachineDefinition", validate_state_machine_definition},
};

const Operation* find_operation(std::string_view name) noexcept {
    const auto* const at = std::find_if(kOperations.begin(), kOperations.end(), [&](auto& each) {
        return each.name == name;
    });
    return at == kOperations.end() ? nullptr : at;
}

std::string_view target_operation(const net::Request& request) {
    const auto target = request.headers.value_or("X-Amz-Target", "");
    return target.starts_with(kTargetPrefix) ? target.substr(kTargetPrefix.size())
                                             : std::string_view{};
}

/// The body as an object; an empty body is an empty one.
asl::Result<json::object> read_body(std::string_view body) {
    if (body.empty()) {
        return json::object{};
    }
    try {
        auto document = parse_json(body, kLargestRequest);
        if (auto* const object = document.if_object()) {
            return std::move(*object);
        }
        return Failure{
            "SerializationException",
            fmt::format("The request is {}, not an object", kind_name(document))};
    } catch (const Error& error) {
        return Failure{"SerializationException", error.message()};
    }
}

/// What a store's failure is told as; its words are for the log.
void run(const Operation& operation, const Context& context, const Input& input, ReplyPtr reply) {
    try {
        operation.call(context, input, reply);
    } catch (const std::exception& error) {
        log_error(
            "states: an operation failed",
            {{"operation", std::string{operation.name}}, {"why", error.what()}}
        );
        reply->fail({"InternalFailure", "The request could not be carried out; see the log."});
    }
}

}  // namespace

void Service::serve(AwsCall call) {
    const auto name = target_operation(call.request);
    const auto* const operation = find_operation(name);
    const auto reply =
        std::make_shared<Reply>(std::move(call.responder), std::move(call.request_id));
    if (operation == nullptr || call.request.method != "POST") {
        return reply->fail(
            {"UnknownOperationException",
             fmt::format("The operation '{}' is not one of Step Functions'", name)}
        );
    }
    auto body = read_body(call.request.body);
    if (const auto* const failure = std::get_if<Failure>(&body)) {
        return reply->fail(*failure);
    }
    auto& object = std::get<json::object>(body);
    if (const auto failure = refuse_input(*input_of(name), object)) {
        return reply->fail(*failure);
    }
    run(*operation,
        {registry_, engine_, tokens_, tests_, operation->name},
        Input{std::move(object)},
        reply);
}

net::Response Service::deny(
    const net::Request&, const AuthFailure& failure, const std::string& request_id
) const {
    const auto names = names_of(failure.code);
    return encode_failure(request_id, names.json, failure.message, names.status);
}

}  // namespace kiln::api::states
