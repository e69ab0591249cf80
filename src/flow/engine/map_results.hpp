#pragma once

#include "flow/task_runner.hpp"
#include "ports/flow_store.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <variant>

/// What a Map Run gives: of its children's rows to the Map's result, or to files. Pure but for the
/// writing that is handed in.
namespace kiln::flow {

struct MapRunResult {
    std::variant<Payload, TaskFailure> outcome;
    std::int64_t written = 0;  ///< children whose results stand in files
};

/// How results are shaped. Source: WriterConfig of the States Language, and the developer guide's
/// page of ResultWriter.
enum class Transformation {
    none,     ///< with each execution's facts
    compact,  ///< the outputs
    flatten,  ///< the outputs, arrays' elements one by one
};

struct ResultOrder {
    std::string map_run_arn;
    std::string state_name;
    std::int64_t children = 0;
    Transformation transformation = Transformation::compact;
    bool lines = false;             ///< JSONL
    bool files = false;             ///< written; else the Map's result
    Payload writer_parameters;      ///< files: Bucket, Prefix
    std::size_t payload_bytes = 0;  ///< no result may be longer
    std::function<std::string(std::int64_t index)> pending_input;  ///< of a child that never began
    std::optional<TaskFailure> failure;  ///< the run has failed; files are written all the same
};

/// Children by index, the newest of each; one that has none never began.
using VisitChildren = std::function<void(const std::function<bool(const ports::ExecutionRow&)>&)>;

/// @param visit  calls for each child, by index and number
[[nodiscard]] MapRunResult shape_results(
    const ResultOrder& order, const VisitChildren& visit, ItemSource& files
);

}  // namespace kiln::flow
