#pragma once

#include "flow/engine/engine.hpp"

#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace kiln::api::states::testing {

/// What the engine of these tests was asked, and what it is to answer: an execution ends at once
/// with its input as output. Its members are those of flow::Engine, defined here, so that the API
/// can be tried without what runs executions. The real one is not simpler here: these tests set
/// views that take a real one hours or thousands of events (long histories, Map Runs, redriven
/// executions), and look at polls that are parked. tests/e2e has the API on the real engine.
struct EngineScript {
    std::vector<flow::StartSpec> started;
    std::map<std::string, flow::ExecutionView, std::less<>> executions;
    std::vector<std::string> calls;  ///< "stop ARN ERROR CAUSE" …
    std::vector<flow::Callback<flow::ActivityTask>> polls;
    std::vector<flow::PollTicket> cancelled;
    std::vector<ports::ExecutionFilter> filters;
    std::map<std::string, flow::MapRunView, std::less<>> map_runs;
    std::int64_t events = 4;  ///< of every history
};

/// How many polls of this script have begun: what they left in it may be read then.
[[nodiscard]] std::atomic<std::size_t>& polls_begun();
/// How many were cancelled.
[[nodiscard]] std::atomic<std::size_t>& cancellations();

/// The test's own; empty when the next engine is made.
[[nodiscard]] EngineScript& script();

}  // namespace kiln::api::states::testing
