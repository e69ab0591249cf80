#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the engine of state machines remembers. The language's rules are not here: a store keeps
/// rows, and texts that are the engine's.
namespace kiln::ports {

/// Which execution, from 1, rising.
using ExecutionNumber = std::int64_t;

/// An execution. Open while `stopped` is none.
struct ExecutionRow {
    ExecutionNumber number = 0;
    std::string arn;  ///< unique
    std::string name;
    std::string machine;        ///< ARN without version or alias: what ListExecutions asks for
    std::string version;        ///< the version's ARN it was started by; "" none
    std::string alias;          ///< the alias' ARN; "" none
    std::int64_t revision = 0;  ///< of the definition
    std::string map_run;        ///< the Map Run's ARN; "" none
    std::int64_t map_index = 0;
    std::string status;         ///< "RUNNING" …
    std::int64_t redrives = 0;  ///< how often
    std::string role;
    TimePoint started;
    std::optional<TimePoint> stopped;
    std::string input;   ///< JSON, as given
    std::string output;  ///< JSON; "" none
    std::optional<std::string> error, cause;
    std::string more;  ///< the engine's bytes

    bool operator==(const ExecutionRow&) const = default;
};

/// What changes of an execution: when it ends, and when it is redriven.
struct ExecutionState {
    std::string status;
    std::int64_t redrives = 0;
    std::optional<TimePoint> stopped;
    std::string output;
    std::optional<std::string> error, cause;
    std::string more;

    bool operator==(const ExecutionState&) const = default;
};

/// Of one execution; likewise events.
constexpr std::int64_t kMostFrames = (std::int64_t{1} << 24) - 2;

/// One frame of an open (or redrivable) execution.
struct FrameRow {
    std::int64_t frame = 0;          ///< from -1, below kMostFrames
    std::optional<TimePoint> wakes;  ///< the earliest of its timers
    std::string waits_for;  ///< the ARN of an activity that nobody has taken it from; "*" other
                            ///< work; "" none
    TimePoint waits_since;
    std::string head;  ///< the engine's bytes, both
    std::string body;

    bool operator==(const FrameRow&) const = default;
};

/// Events of one execution, one after the other, as bytes of the engine's.
struct HistoryChunk {
    std::int64_t first = 0;  ///< event id
    std::int64_t last = 0;
    std::string events;

    bool operator==(const HistoryChunk&) const = default;
};

struct MapRunRow {
    std::string arn;  ///< unique
    ExecutionNumber execution = 0;
    std::int64_t frame = 0;
    std::int64_t task = 0;
    std::string status;
    TimePoint started;
    std::optional<TimePoint> stopped;
    std::string head;   ///< the engine's bytes: counts and limits
    std::string items;  ///< the engine's bytes, seldom written

    bool operator==(const MapRunRow&) const = default;
};

namespace flow_change {

struct AddExecution {
    ExecutionRow row;
};

struct SetExecution {
    ExecutionNumber execution = 0;
    ExecutionState state;
};

/// Makes the frame, or writes it over. Without a body the one that is there stays (of a new frame:
/// none).
struct PutFrame {
    ExecutionNumber execution = 0;
    FrameRow row;
    bool with_body = true;
};

struct RemoveFrame {
    ExecutionNumber execution = 0;
    std::int64_t frame = 0;
};

/// All frames of an execution.
struct ClearFrames {
    ExecutionNumber execution = 0;
};

struct AddHistory {
    ExecutionNumber execution = 0;
    HistoryChunk chunk;
};

struct PutMapRun {
    MapRunRow row;
    bool with_items = true;
};

/// With all that belongs to it.
struct RemoveExecution {
    ExecutionNumber execution = 0;
};

}  // namespace flow_change

using FlowChange = std::variant<
    flow_change::AddExecution,
    flow_change::SetExecution,
    flow_change::PutFrame,
    flow_change::RemoveFrame,
    flow_change::ClearFrames,
    flow_change::AddHistory,
    flow_change::PutMapRun,
    flow_change::RemoveExecution>;

using FlowChanges = std::vector<FlowChange>;

/// Which executions, newest first (by number).
struct ExecutionFilter {
    std::string machine;  ///< or map_run; one of them
    std::string map_run;
    std::string version;  ///< "" any
    std::string alias;
    std::string status;  ///< "" any
    std::optional<bool> redriven;
    std::optional<ExecutionNumber> before;  ///< older than this one: the next page
    std::size_t at_most = 100;
};

class FlowStore {
  public:
    virtual ~FlowStore() = default;

    /// What waits, of all open executions, without reading what the frames hold: for a restart.
    struct Waiting {
        ExecutionNumber execution = 0;
        std::int64_t frame = 0;
        std::optional<TimePoint> wakes;
        std::string_view waits_for;
        TimePoint waits_since;
    };

    virtual void visit_waiting(const std::function<void(const Waiting&)>& visit) = 0;
    /// Open executions: number and ARN.
    virtual void visit_open(const std::function<void(ExecutionNumber, std::string_view arn)>& visit
    ) = 0;
    [[nodiscard]] virtual ExecutionNumber last_number() = 0;

    [[nodiscard]] virtual std::optional<ExecutionRow> find(std::string_view arn) = 0;
    [[nodiscard]] virtual std::optional<ExecutionRow> find(ExecutionNumber execution) = 0;
    [[nodiscard]] virtual std::vector<FrameRow> frames(ExecutionNumber execution) = 0;
    [[nodiscard]] virtual std::vector<ExecutionRow> list(const ExecutionFilter& filter) = 0;

    /// Chunks that hold events from `first` to `last`, by rising id.
    [[nodiscard]] virtual std::vector<HistoryChunk> history(
        ExecutionNumber execution, std::int64_t first, std::int64_t last
    ) = 0;

    /// 0: it has none.
    [[nodiscard]] virtual std::int64_t last_event(ExecutionNumber execution) = 0;

    [[nodiscard]] virtual std::optional<MapRunRow> find_map_run(std::string_view arn) = 0;
    [[nodiscard]] virtual std::vector<MapRunRow> map_runs(ExecutionNumber execution) = 0;
    /// Those that are not over.
    [[nodiscard]] virtual std::vector<MapRunRow> open_map_runs() = 0;
    /// A Map Run's children from `from_index` on, by index and number; `visit` says whether to go
    /// on.
    virtual void visit_children(
        std::string_view map_run,
        std::int64_t from_index,
        const std::function<bool(const ExecutionRow&)>& visit
    ) = 0;

    /// Closed executions that ended before, oldest first.
    [[nodiscard]] virtual std::vector<ExecutionNumber> ended_before(
        TimePoint time, std::size_t at_most
    ) = 0;

    /// nullptr: the changes are durable; else why nothing of them has happened.
    using Applied = std::function<void(std::exception_ptr failure)>;
    /// Makes the changes in their order, all or none; calls take effect in their order. Does not
    /// wait: `done` is called once, on any thread, perhaps before this returns; it must not block.
    virtual void apply(FlowChanges changes, Applied done) = 0;
};

}  // namespace kiln::ports
