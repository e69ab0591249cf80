#include "flow/test_state/request_rules.hpp"

#include "asl/json_error.hpp"
#include "asl/parse.hpp"
#include "flow/test_state/context_rules.hpp"
#include "flow/test_state/mock_rules.hpp"

#include <fmt/format.h>

namespace kiln::flow {
namespace {

struct Place {
    const asl::StateGroup* group = nullptr;
    const asl::State* state = nullptr;
};

/// The state of that name, in the group or in one inside it; outer groups first.
Place find_state(const asl::StateGroup& group, std::string_view name) {
    if (const auto found = group.by_name.find(name); found != group.by_name.end()) {
        return {&group, &group.states[found->second]};
    }
    for (const auto& state : group.states) {
        if (const auto* const map = std::get_if<asl::MapFields>(&state.fields)) {
            if (const auto place = find_state(map->processor, name); place.state != nullptr) {
                return place;
            }
        } else if (const auto* const fork = std::get_if<asl::ParallelFields>(&state.fields)) {
            for (const auto& branch : fork->branches) {
                if (const auto place = find_state(branch, name); place.state != nullptr) {
                    return place;
                }
            }
        }
    }
    return {};
}

bool is_below(const asl::State& state, std::string_view name) {
    if (const auto* const map = std::get_if<asl::MapFields>(&state.fields)) {
        return find_state(map->processor, name).state != nullptr;
    }
    if (const auto* const fork = std::get_if<asl::ParallelFields>(&state.fields)) {
        for (const auto& branch : fork->branches) {
            if (find_state(branch, name).state != nullptr) {
                return true;
            }
        }
    }
    return false;
}

Refusal not_found() {
    return validation_refusal("State not found in definition");
}

/// What is there only to shape a mocked run.
std::optional<Refusal> refuse_without_mock(const TestStateRequest& request) {
    const auto& configuration = request.configuration;
    const auto refused = [](std::string_view member) {
        return validation_refusal(
            fmt::format("TestState does not support {} when a mock is not specified.", member)
        );
    };
    if (configuration.map_iteration_failure_count) {
        return refused("MapIterationFailureCount");
    }
    if (configuration.retrier_retry_count) {
        return refused("RetrierRetryCount");
    }
    if (configuration.error_caused_by_state) {
        return refused("ErrorCausedByState");
    }
    if (configuration.map_item_reader_data) {
        return refused("MapItemReaderData");
    }
    return request.context ? std::optional{refused("Context")} : std::nullopt;
}

/// A state that AWS runs for real only for those who may.
std::optional<Refusal> refuse_unmocked(const TestStateRequest& request, const asl::State& state) {
    if (state.type == asl::StateType::map || state.type == asl::StateType::parallel) {
        return Refusal{
            "InvalidDefinition",
            "TestState API does not support Map or Parallel states. Supported state types "
            "include: [Task, Wait, Pass, Succeed, Fail, Choice]"};
    }
    const auto* const task = std::get_if<asl::TaskFields>(&state.fields);
    if (task == nullptr) {
        return std::nullopt;
    }
    if (task->resource.kind == asl::ResourceKind::activity ||
        task->resource.pattern != asl::Pattern::request_response) {
        return Refusal{
            "InvalidDefinition",
            "TestState API does not support Activity tasks, nor the '.sync' and "
            "'.waitForTaskToken' service integration patterns, when a mock is not specified."};
    }
    return request.role_arn
               ? std::nullopt
               : std::optional{
                     validation_refusal("RoleArn must be specified when testing a Task state")};
}

std::optional<Refusal> refuse_mocked(
    const TestStateRequest& request, const Mock& mock, const asl::State& state
) {
    if (request.reveal_secrets) {
        return validation_refusal(
            "TestState does not support RevealSecrets when a mock is specified."
        );
    }
    if (auto refusal = refuse_mock(mock, state)) {
        return refusal;
    }
    const bool forked = state.type == asl::StateType::map || state.type == asl::StateType::parallel;
    const auto& cause = request.configuration.error_caused_by_state;
    if (forked && cause && !is_below(state, *cause)) {
        return not_found();
    }
    if (request.context) {
        if (auto why = explain_context(*request.context, state)) {
            return validation_refusal("Invalid Context object provided: " + *why);
        }
    }
    return std::nullopt;
}

std::optional<Refusal> refuse_input(const std::string& input) {
    const auto refused = [](std::string_view why) {
        return Refusal{
            "InvalidExecutionInput",
            fmt::format("Invalid State Machine Execution Input: '{}'", why)};
    };
    if (input.find_first_not_of(" \t\r\n") == std::string::npos) {
        return refused("Invalid execution input.");
    }
    const auto fault = asl::explain_json_error(input);
    return fault ? std::optional{refused(fault->message)} : std::nullopt;
}

std::optional<Refusal> refuse_variables(const std::string& variables) {
    const auto value = read_payload(variables);
    return value && value->is_object()
               ? std::nullopt
               : std::optional{validation_refusal("Variables must be a JSON object")};
}

}  // namespace

Refusal validation_refusal(std::string message) {
    return {"ValidationException", std::move(message)};
}

std::optional<json::value> read_payload(std::string_view text) {
    if (asl::explain_json_error(text)) {
        return std::nullopt;
    }
    json::parse_options options;
    options.max_depth = asl::kDeepestJson + 1;
    json::error_code error;
    auto value = json::parse(text, error, {}, options);
    return error ? std::nullopt : std::optional{std::move(value)};
}

std::variant<TestedState, Refusal> find_tested(const TestStateRequest& request) {
    const auto parsed = request.state_name ? asl::parse_definition(request.definition)
                                           : asl::parse_state(request.definition);
    if (parsed.machine == nullptr) {
        return Refusal{"InvalidDefinition", asl::refusal_text(parsed.diagnostics)};
    }
    const auto& top = parsed.machine->top;
    if (!request.state_name) {
        const auto index = asl::is_whole_definition(request.definition) ? top.start_at : 0;
        return TestedState{parsed.machine, &top, &top.states[index]};
    }
    const auto place = find_state(top, *request.state_name);
    if (place.state == nullptr) {
        return not_found();
    }
    return TestedState{parsed.machine, place.group, place.state};
}

std::optional<Refusal> refuse_request(const TestStateRequest& request, const asl::State& state) {
    auto refusal =
        request.mock ? refuse_mocked(request, *request.mock, state) : refuse_without_mock(request);
    if (!refusal && !request.mock) {
        refusal = refuse_unmocked(request, state);
    }
    if (!refusal && request.input) {
        refusal = refuse_input(*request.input);
    }
    if (!refusal && request.variables) {
        refusal = refuse_variables(*request.variables);
    }
    return refusal;
}

}  // namespace kiln::flow
