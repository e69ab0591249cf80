#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "flow/payload.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// What an execution did, as GetExecutionHistory tells it.
namespace kiln::flow {

using EventId = std::int64_t;  ///< from 1, without a gap; 0: none

/// Every value of AWS' HistoryEventType, in the model's order.
enum class HistoryType {
    activity_failed,
    activity_scheduled,
    activity_schedule_failed,
    activity_started,
    activity_succeeded,
    activity_timed_out,
    choice_state_entered,
    choice_state_exited,
    execution_aborted,
    execution_failed,
    execution_started,
    execution_succeeded,
    execution_timed_out,
    execution_redriven,
    evaluation_failed,
    fail_state_entered,
    lambda_function_failed,
    lambda_function_scheduled,
    lambda_function_schedule_failed,
    lambda_function_started,
    lambda_function_start_failed,
    lambda_function_succeeded,
    lambda_function_timed_out,
    map_iteration_aborted,
    map_iteration_failed,
    map_iteration_started,
    map_iteration_succeeded,
    map_run_aborted,
    map_run_failed,
    map_run_redriven,
    map_run_started,
    map_run_succeeded,
    map_state_aborted,
    map_state_entered,
    map_state_exited,
    map_state_failed,
    map_state_started,
    map_state_succeeded,
    parallel_state_aborted,
    parallel_state_entered,
    parallel_state_exited,
    parallel_state_failed,
    parallel_state_started,
    parallel_state_succeeded,
    pass_state_entered,
    pass_state_exited,
    succeed_state_entered,
    succeed_state_exited,
    task_failed,
    task_scheduled,
    task_started,
    task_start_failed,
    task_state_aborted,
    task_state_entered,
    task_state_exited,
    task_submitted,
    task_submit_failed,
    task_succeeded,
    task_timed_out,
    wait_state_aborted,
    wait_state_entered,
    wait_state_exited,
};

/// "ActivityFailed" …
[[nodiscard]] std::string_view to_string(HistoryType type) noexcept;

/// The member that holds the event's own facts: "activityFailedEventDetails",
/// "stateEnteredEventDetails"; "" for types without one ("ParallelStateStarted").
[[nodiscard]] std::string_view details_member(HistoryType type) noexcept;

/// One event. The facts that are frequent are members; the rest is `more`.
struct HistoryEvent {
    EventId id = 0;
    EventId previous = 0;
    TimePoint at;
    HistoryType type = HistoryType::execution_started;
    std::shared_ptr<const std::string> name;  ///< the state's; null: none
    Payload input;   ///< shown as `input` with `inputDetails`; TaskScheduled's as `parameters`
    Payload output;  ///< shown as `output` with `outputDetails`
    std::optional<std::string> error;
    std::optional<std::string> cause;
    /// Further members of the details, as AWS shows them; `assignedVariables` holds values, which
    /// are shown as texts.
    json::object more;
};

/// The event as GetExecutionHistory shows it; `timestamp` is epoch seconds with a fraction.
/// @param with_data  false: without input, output, parameters … (includeExecutionData)
[[nodiscard]] json::object show(const HistoryEvent& event, bool with_data);

/// What is stored; `decode_event` reads it back as the same.
void encode_event(const HistoryEvent& event, std::string& to);
/// Reads one event and moves `from` behind it. @throws Error corrupt
[[nodiscard]] HistoryEvent decode_event(std::string_view& from);

}  // namespace kiln::flow
