#pragma once

#include "api/states/failure.hpp"
#include "base/json.hpp"
#include "flow/engine/engine.hpp"

#include <string_view>

/// Executions as AWS shows them. Pure.
namespace kiln::api::states {

/// DescribeExecution.
[[nodiscard]] json::object show_execution(const flow::ExecutionView& view, bool with_data);
/// An item of ListExecutions.
[[nodiscard]] json::object show_execution_item(const flow::ExecutionView& view);
/// StartSyncExecution, of an execution that has ended.
[[nodiscard]] json::object show_ended(const flow::ExecutionView& view, bool with_data);

/// The ARN of an execution that this operation is for. Refused: InvalidArn: none, or an express
/// one, of which there is no record
[[nodiscard]] std::optional<Failure> refuse_execution_arn(std::string_view arn);

/// StateMachineTypeNotSupported
[[nodiscard]] Failure type_not_supported();

}  // namespace kiln::api::states
