#pragma once

#include "flow/execution.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The interpreter: pure. (execution, event, world) -> the execution after it, history, effects.
namespace kiln::flow {

/// What the interpreter may ask. Injected, so that the same answers give the same history.
class World {
  public:
    virtual ~World() = default;
    [[nodiscard]] virtual TimePoint now() = 0;
    [[nodiscard]] virtual std::uint64_t random() = 0;  ///< all 64 bits
    [[nodiscard]] virtual std::string uuid() = 0;
    /// The token under which a task of this execution is reported.
    [[nodiscard]] virtual std::string token(TaskNumber task) = 0;

    /// A task of an activity that is not there fails at once.
    [[nodiscard]] virtual bool activity_exists(std::string_view /*arn*/) { return true; }
};

struct Limits {
    EventId events = 25'000;
    std::size_t payload_bytes = 262'144;
    std::size_t variable_bytes = 262'144;
    std::size_t all_variables_bytes = 10U << 20;
    std::int64_t iterations_at_once = 40;  ///< of an inline Map
    std::size_t steps_at_once = 10'000;    ///< transitions of one `advance`; more go on by GoOn
};

// --- Events: what happens to an execution.

struct Begin {};

/// Goes on with what `advance` left because of steps_at_once; also to be handed in for an execution
/// that was read again with a frame in Phase::entering.
struct GoOn {};

enum class Timer { resume, time_out, heartbeat, execution };

/// A timer's time has come. One that is not set any more is ignored.
struct TimerFired {
    FrameId frame = kRootFrame;
    Timer timer = Timer::resume;
};

/// A worker or service has begun the task.
struct TaskStarted {
    FrameId frame = 0;
    TaskNumber task = 0;
    std::string worker;  ///< an activity's workerName; may be ""
};

/// The service took it and its end is awaited (.sync, .waitForTaskToken). `output`: its answer.
struct TaskSubmitted {
    FrameId frame = 0;
    TaskNumber task = 0;
    Payload output;
};

struct TaskSucceeded {
    FrameId frame = 0;
    TaskNumber task = 0;
    Payload output;
};

struct TaskFailed {
    FrameId frame = 0;
    TaskNumber task = 0;
    std::optional<std::string> error, cause;
    enum class At { scheduling, start, submit, run } at = At::run;  ///< names the event
};

struct TaskBeat {
    FrameId frame = 0;
    TaskNumber task = 0;
};

struct MapRunStarted {
    FrameId frame = 0;
    TaskNumber task = 0;
    std::string arn;
    std::int64_t length = 0;
    std::int64_t redrives = 0;  ///< of the Map Run; more than 0: it goes on
};

/// A Map Run ended: `output` is the Map's result, or it failed.
struct MapRunEnded {
    FrameId frame = 0;
    TaskNumber task = 0;
    Payload output;  ///< null: it failed
    std::optional<std::string> error, cause;
};

struct Stop {
    std::optional<std::string> error, cause;
};

struct Redrive {};

using Event = std::variant<
    Begin,
    GoOn,
    TimerFired,
    TaskStarted,
    TaskSubmitted,
    TaskSucceeded,
    TaskFailed,
    TaskBeat,
    MapRunStarted,
    MapRunEnded,
    Stop,
    Redrive>;

// --- Effects: what is to be done once the execution's new state is durable.

/// Give the task out. An activity's waits for a worker; others are run.
struct ScheduleTask {
    FrameId frame = 0;
    TaskNumber task = 0;
    const asl::Resource* resource = nullptr;
    Payload parameters;   ///< an activity's input
    Payload credentials;  ///< null: none
    std::string token;    ///< "" where nobody reports by token
    std::optional<std::int64_t> timeout_seconds;
};

/// Its result is not wanted any more.
struct CancelTask {
    FrameId frame = 0;
    TaskNumber task = 0;
};

/// Run a distributed Map. What each child gets: map_items.hpp.
struct StartMapRun {
    FrameId frame = 0;
    TaskNumber task = 0;
    const asl::State* state = nullptr;
    Payload items;  ///< null: the reader's
    Payload reader_parameters;
    Payload writer_parameters;
    Payload batch_input;
    Payload input;                     ///< the Map's effective input: what ItemSelector sees as $
    std::int64_t max_concurrency = 0;  ///< 0: as many as may be
    std::int64_t tolerated_count = 0;
    double tolerated_percentage = 0;
    std::optional<std::int64_t> max_items, max_items_per_batch, max_bytes_per_batch;
    /// It ran before, with this task number, and is redriven: its failed children run again.
    bool redriven = false;
};

struct CancelMapRun {
    FrameId frame = 0;
    TaskNumber task = 0;
};

/// There is more to do: hand in GoOn.
struct Unfinished {};

/// The execution has ended; status, output and error stand in it.
struct Ended {};

using Effect = std::variant<ScheduleTask, CancelTask, StartMapRun, CancelMapRun, Unfinished, Ended>;

struct Outcome {
    std::vector<HistoryEvent> history;  ///< in order, ids following the execution's
    std::vector<Effect> effects;
    bool accepted =
        true;  ///< false: the event is over (a late report, a fired timer that was unset)
};

/// Moves the execution. Timers stand in its frames; what changed stands in touched and removed.
/// Never throws for anything that a definition or a payload can hold: that is a failed execution.
[[nodiscard]] Outcome advance(
    Execution& execution, const Event& event, World& world, const Limits& limits
);

/// An execution that has not begun.
[[nodiscard]] Execution new_execution(ExecutionFacts facts);

/// The earliest of an execution's timers.
struct NextTimer {
    TimePoint at;
    TimerFired event;
};

[[nodiscard]] std::optional<NextTimer> next_timer(const Execution& execution);

}  // namespace kiln::flow
