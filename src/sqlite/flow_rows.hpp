#pragma once

#include "ports/flow_store.hpp"
#include "sqlite/statement.hpp"

/// How executions stand in columns.
namespace kiln::sqlite {

/// An execution's frames stand together, in their order; likewise its events.
constexpr int kFlowKeyBits = 24;

[[nodiscard]] constexpr std::int64_t flow_key(ports::ExecutionNumber execution, std::int64_t at) {
    return execution << kFlowKeyBits | (at + 1);
}

struct FlowKeys {
    std::int64_t first = 0, last = 0;
};

/// All of an execution.
[[nodiscard]] constexpr FlowKeys flow_keys(ports::ExecutionNumber execution) {
    return {execution << kFlowKeyBits, ((execution + 1) << kFlowKeyBits) - 1};
}

/// The columns that read_execution reads.
constexpr std::string_view kExecutionColumns =
    "number, arn, name, machine, version, alias, revision, map_run, map_index, status, redrives, "
    "role, started_us, stopped_us, input, output, error, cause, more";

[[nodiscard]] ports::ExecutionRow read_execution(const Statement& row);

/// `SELECT … FROM map_runs LEFT JOIN map_run_items …`, without a condition.
constexpr std::string_view kSelectMapRuns =
    "SELECT map_runs.arn, execution, frame, task, status, started_us, stopped_us, head, items "
    "FROM map_runs LEFT JOIN map_run_items ON map_run_items.arn = map_runs.arn";

[[nodiscard]] ports::MapRunRow read_map_run(const Statement& row);

}  // namespace kiln::sqlite
