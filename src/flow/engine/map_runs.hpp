#pragma once

#include "base/guarded.hpp"
#include "flow/engine/map_results.hpp"
#include "flow/engine/map_run.hpp"
#include "flow/engine/open_execution.hpp"
#include "flow/item_inputs.hpp"

#include <map>
#include <string>
#include <vector>

namespace kiln::flow {

/// What UpdateMapRun changes; none: it stays.
struct MapRunUpdate {
    std::optional<std::int64_t> max_concurrency, tolerated_count;
    std::optional<double> tolerated_percentage;
};

/// A Map Run that is not over.
struct MapRun {
    /// What is known of it.
    enum class Stage {
        reading,    ///< its items are being read
        running,    ///< children run
        stopping,   ///< too many have failed, or its parent is over: children are stopped
        gathering,  ///< all have ended; their results are being read and written
    };

    ports::MapRunRow row;  ///< without head and items
    std::string execution_arn;
    std::int64_t revision = 0;  ///< of the parent
    std::string role_arn;
    asl::StateMachinePtr parent;  ///< holds `order.state`
    asl::StateMachinePtr children_machine;
    std::string machine_arn;  ///< of the children: with /LABEL
    StartMapRun order;
    std::string source;          ///< of the items, for the context: "STATE_DATA", an S3 URI
    Payload items;               ///< null: not read yet
    std::vector<Batch> batches;  ///< empty: each child has one item
    MapRunChildren children;
    std::vector<ports::ExecutionNumber> numbers;  ///< of the children; 0: not begun
    MapRunLimits limits;
    std::int64_t redrives = 0;
    std::optional<TimePoint> redriven;
    Stage stage = Stage::reading;
    std::optional<TaskFailure> failure;  ///< of its own: a child's input cannot be made
    bool cancelled = false;              ///< the parent does not wait for it any more
    std::int64_t results_written = 0;

    [[nodiscard]] const asl::MapFields& fields() const {
        return std::get<asl::MapFields>(order.state->fields);
    }
};

/// What DescribeMapRun tells of those that run; from any thread.
using MapRunViews = Guarded<std::map<std::string, MapRunView, std::less<>>>;

[[nodiscard]] MapRunView view_of(const MapRun& run);
/// Of one that is over. @throws Error corrupt
[[nodiscard]] MapRunView view_of(const ports::MapRunRow& row, std::string execution_arn);

/// The row's head and items, as they are kept.
[[nodiscard]] std::string write_map_head(const MapRun& run);
[[nodiscard]] std::string write_map_items(const MapRun& run);
/// All of it but machines and children. @throws Error corrupt
[[nodiscard]] MapRun read_map_run(ports::MapRunRow row);

/// "STATE_DATA", "S3://bucket/key" or "S3://bucket".
[[nodiscard]] std::string source_of(const asl::MapFields& fields, const Payload& reader_parameters);

}  // namespace kiln::flow
