#include "flow/history.hpp"

#include "flow/binary.hpp"
#include "flow/json_text.hpp"

#include <array>

namespace kiln::flow {
namespace {

struct Row {
    std::string_view name;
    std::string_view details;
};

/// By HistoryType. Source: HistoryEvent and HistoryEventType of AWS' API model, 2016-11-23.
constexpr std::array kRows{
    Row{"ActivityFailed", "activityFailedEventDetails"},
    Row{"ActivityScheduled", "activityScheduledEventDetails"},
    Row{"ActivityScheduleFailed", "activityScheduleFailedEventDetails"},
    Row{"ActivityStarted", "activityStartedEventDetails"},
    Row{"ActivitySucceeded", "activitySucceededEventDetails"},
    Row{"ActivityTimedOut", "activityTimedOutEventDetails"},
    Row{"ChoiceStateEntered", "stateEnteredEventDetails"},
    Row{"ChoiceStateExited", "stateExitedEventDetails"},
    Row{"ExecutionAborted", "executionAbortedEventDetails"},
    Row{"ExecutionFailed", "executionFailedEventDetails"},
    Row{"ExecutionStarted", "executionStartedEventDetails"},
    Row{"ExecutionSucceeded", "executionSucceededEventDetails"},
    Row{"ExecutionTimedOut", "executionTimedOutEventDetails"},
    Row{"ExecutionRedriven", "executionRedrivenEventDetails"},
    Row{"EvaluationFailed", "evaluationFailedEventDetails"},
    Row{"FailStateEntered", "stateEnteredEventDetails"},
    Row{"LambdaFunctionFailed", "lambdaFunctionFailedEventDetails"},
    Row{"LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails"},
    Row{"LambdaFunctionScheduleFailed", "lambdaFunctionScheduleFailedEventDetails"},
    Row{"LambdaFunctionStarted", ""},
    Row{"LambdaFunctionStartFailed", "lambdaFunctionStartFailedEventDetails"},
    Row{"LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails"},
    Row{"LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails"},
    Row{"MapIterationAborted", "mapIterationAbortedEventDetails"},
    Row{"MapIterationFailed", "mapIterationFailedEventDetails"},
    Row{"MapIterationStarted", "mapIterationStartedEventDetails"},
    Row{"MapIterationSucceeded", "mapIterationSucceededEventDetails"},
    Row{"MapRunAborted", ""},
    Row{"MapRunFailed", "mapRunFailedEventDetails"},
    Row{"MapRunRedriven", "mapRunRedrivenEventDetails"},
    Row{"MapRunStarted", "mapRunStartedEventDetails"},
    Row{"MapRunSucceeded", ""},
    Row{"MapStateAborted", ""},
    Row{"MapStateEntered", "stateEnteredEventDetails"},
    Row{"MapStateExited", "stateExitedEventDetails"},
    Row{"MapStateFailed", ""},
    Row{"MapStateStarted", "mapStateStartedEventDetails"},
    Row{"MapStateSucceeded", ""},
    Row{"ParallelStateAborted", ""},
    Row{"ParallelStateEntered", "stateEnteredEventDetails"},
    Row{"ParallelStateExited", "stateExitedEventDetails"},
    Row{"ParallelStateFailed", ""},
    Row{"ParallelStateStarted", ""},
    Row{"ParallelStateSucceeded", ""},
    Row{"PassStateEntered", "stateEnteredEventDetails"},
    Row{"PassStateExited", "stateExitedEventDetails"},
    Row{"SucceedStateEntered", "stateEnteredEventDetails"},
    Row{"SucceedStateExited", "stateExitedEventDetails"},
    Row{"TaskFailed", "taskFailedEventDetails"},
    Row{"TaskScheduled", "taskScheduledEventDetails"},
    Row{"TaskStarted", "taskStartedEventDetails"},
    Row{"TaskStartFailed", "taskStartFailedEventDetails"},
    Row{"TaskStateAborted", ""},
    Row{"TaskStateEntered", "stateEnteredEventDetails"},
    Row{"TaskStateExited", "stateExitedEventDetails"},
    Row{"TaskSubmitted", "taskSubmittedEventDetails"},
    Row{"TaskSubmitFailed", "taskSubmitFailedEventDetails"},
    Row{"TaskSucceeded", "taskSucceededEventDetails"},
    Row{"TaskTimedOut", "taskTimedOutEventDetails"},
    Row{"WaitStateAborted", ""},
    Row{"WaitStateEntered", "stateEnteredEventDetails"},
    Row{"WaitStateExited", "stateExitedEventDetails"},
};
static_assert(kRows.size() == static_cast<std::size_t>(HistoryType::wait_state_exited) + 1);

const Row& row(HistoryType type) noexcept {
    return kRows[static_cast<std::size_t>(type)];
}

constexpr std::string_view kAssigned = "assignedVariables";

json::object not_truncated() {
    return {{"truncated", false}};
}

void add_data(json::object& details, const Payload& data, const char* name, const char* about) {
    if (data != nullptr) {
        details[name] = json_text(*data);
        details[about] = not_truncated();
    }
}

/// Each variable's value as a text.
void add_variables(json::object& details, const json::value& variables) {
    json::object shown;
    for (const auto& member : variables.as_object()) {
        shown.emplace(member.key(), json_text(member.value()));
    }
    details[kAssigned] = std::move(shown);
    details["assignedVariablesDetails"] = not_truncated();
}

void add_payloads(json::object& details, const HistoryEvent& event) {
    if (event.type == HistoryType::task_scheduled) {
        if (event.input != nullptr) {
            details["parameters"] = json_text(*event.input);
        }
    } else {
        add_data(details, event.input, "input", "inputDetails");
    }
    add_data(details, event.output, "output", "outputDetails");
    if (const auto* variables = event.more.if_contains(kAssigned)) {
        add_variables(details, *variables);
    }
}

json::object details_of(const HistoryEvent& event, bool with_data) {
    json::object details;
    if (event.name != nullptr) {
        details["name"] = *event.name;
    }
    if (with_data) {
        add_payloads(details, event);
    }
    if (event.error) {
        details["error"] = *event.error;
    }
    if (event.cause) {
        details["cause"] = *event.cause;
    }
    for (const auto& member : event.more) {
        if (member.key() != kAssigned) {
            details[member.key()] = member.value();
        }
    }
    return details;
}

}  // namespace

std::string_view to_string(HistoryType type) noexcept {
    return row(type).name;
}

std::string_view details_member(HistoryType type) noexcept {
    return row(type).details;
}

json::object show(const HistoryEvent& event, bool with_data) {
    json::object shown{
        {"timestamp", seconds_of(event.at.time_since_epoch())},
        {"type", to_string(event.type)},
        {"id", event.id},
        {"previousEventId", event.previous},
    };
    if (const auto member = details_member(event.type); !member.empty()) {
        shown[member] = details_of(event, with_data);
    }
    return shown;
}

void encode_event(const HistoryEvent& event, std::string& to) {
    BinaryWriter writer{to};
    writer.unsigned_number(static_cast<std::uint64_t>(event.type));
    writer.number(event.id);
    writer.number(event.id - event.previous);
    writer.time(event.at);
    writer.shared_text(event.name);
    writer.payload(event.input);
    writer.payload(event.output);
    writer.optional_text(event.error);
    writer.optional_text(event.cause);
    writer.unsigned_number(event.more.size());
    for (const auto& member : event.more) {
        writer.text(member.key());
        writer.json(member.value());
    }
}

HistoryEvent decode_event(std::string_view& from) {
    BinaryReader reader{from};
    HistoryEvent event;
    const auto type = reader.unsigned_number();
    if (type >= kRows.size()) {
        throw Error{ErrorKind::corrupt, "a stored event has a type that there is not"};
    }
    event.type = static_cast<HistoryType>(type);
    event.id = reader.number();
    event.previous = event.id - reader.number();
    event.at = reader.time();
    event.name = reader.shared_text();
    event.input = reader.payload();
    event.output = reader.payload();
    event.error = reader.optional_text();
    event.cause = reader.optional_text();
    const auto members = reader.count();
    for (std::size_t i = 0; i < members; ++i) {
        const auto key = reader.text();
        event.more.emplace(key, reader.json());
    }
    from = reader.rest();
    return event;
}

}  // namespace kiln::flow
