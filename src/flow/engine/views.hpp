#pragma once

#include "flow/engine/engine.hpp"
#include "flow/engine/open_execution.hpp"

#include <string_view>

/// What the engine tells of executions, from rows. Pure.
namespace kiln::flow {

/// @throws Error corrupt
[[nodiscard]] ExecutionView view_of(ports::ExecutionRow row, TimePoint now);
/// Of one in memory, which is express and has ended.
[[nodiscard]] ExecutionView view_of(const OpenExecution& open, const Timeline& time);

/// Why it cannot be redriven; "" it can.
[[nodiscard]] std::string redrive_hindrance(
    const ports::ExecutionRow& row, EventId last_event, TimePoint now
);

[[nodiscard]] Refusal no_execution(std::string_view arn);

/// A JSON text as a payload. @throws Error invalid
[[nodiscard]] Payload parse_payload(std::string_view text);

/// A page of an execution's history. @throws Error corrupt, or by the store
[[nodiscard]] HistoryPage read_history(
    ports::FlowStore& store,
    ports::ExecutionNumber execution,
    std::optional<EventId> from,
    std::size_t at_most,
    bool reverse
);

}  // namespace kiln::flow
