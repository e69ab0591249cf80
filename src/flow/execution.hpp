#pragma once

#include "asl/definition.hpp"
#include "base/time.hpp"
#include "flow/history.hpp"
#include "flow/payload.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// An execution as it stands: values, that the interpreter moves from event to event.
namespace kiln::flow {

enum class Status { running, succeeded, failed, timed_out, aborted, pending_redrive };

/// "RUNNING" …
[[nodiscard]] std::string_view to_string(Status status) noexcept;

/// One run of a `States` object: the machine's (0), a branch's or an iteration's. Rising, not used
/// twice in one execution.
using FrameId = std::int64_t;
constexpr FrameId kRootFrame = 0;

/// One try of a task within the execution, rising. With the execution it names the task's token.
using TaskNumber = std::int64_t;

/// What does not change while it runs.
struct ExecutionFacts {
    std::string arn;
    std::string name;
    std::string machine_arn;  ///< without version or alias; of a Map Run's child: with /LABEL
    std::string machine_name;
    std::string version_arn;  ///< by which it was started; "" none
    std::string alias_arn;    ///< likewise
    std::string role_arn;
    TimePoint started;
    Payload input;
    asl::StateMachinePtr machine;
    /// A child of a Map Run: what its Map.Item context holds, `{"Index":…,"Value":…}`; else null.
    Payload map_item;
};

/// What a frame does now. One line says what is known in it.
enum class Phase {
    entering,     ///< the state is next; nothing of it has happened
    waiting,      ///< a Wait's timer is set
    backing_off,  ///< a retry's timer is set
    scheduled,    ///< the task was given out; nobody has begun it
    started,      ///< somebody works on it
    submitted,    ///< the service took it; its end is awaited (.sync, token)
    forked,       ///< frames below it run: Parallel, Map inline
    mapping,      ///< a Map Run runs
    done,         ///< the group's output is there (`output`)
    failed,       ///< the group ended with an error (`error`, `cause`); kept for a redrive
};

struct TaskWait {
    TaskNumber number = 0;
    EventId scheduled = 0;  ///< the event of its scheduling
    /// An activity's count from its start on.
    std::optional<std::int64_t> timeout_seconds, heartbeat_seconds;
};

/// The frames below a Parallel or a Map that runs inline.
struct Fork {
    std::int64_t total = 0;
    std::int64_t begun = 0;
    std::int64_t finished = 0;
    std::int64_t at_most = 0;       ///< at once
    Payload items;                  ///< Map: the items before the selector; Parallel: the input
    Payload input;                  ///< Map: its effective input; what ItemSelector sees as $
    std::vector<Payload> results;   ///< by index; null: not there yet
    std::vector<FrameId> children;  ///< by index, as many as have begun
    std::set<FrameId> running;
};

struct Frame {
    FrameId id = kRootFrame;
    FrameId parent = -1;     ///< -1: the root
    std::int64_t index = 0;  ///< of the branch or the item
    const asl::StateGroup* group = nullptr;
    asl::StateIndex state = 0;
    Phase phase = Phase::entering;
    EventId last = 0;     ///< what the next event's previousEventId is
    EventId entered = 0;  ///< the event at which the state was entered
    TimePoint entered_at;
    Payload input;                      ///< of the state, raw
    VariablesPtr variables;             ///< of this scope
    std::vector<std::int64_t> retries;  ///< used up, by retrier, of this visit
    std::int64_t retry_count = 0;       ///< $$.State.RetryCount
    std::optional<TaskWait> task;
    std::optional<Fork> fork;
    Payload output;                           ///< done
    std::optional<std::string> error, cause;  ///< failed
    // Its timers; none: not set.
    std::optional<TimePoint> resume_at;     ///< Wait, retry
    std::optional<TimePoint> times_out_at;  ///< TimeoutSeconds
    std::optional<TimePoint> beats_out_at;  ///< HeartbeatSeconds
};

struct Execution {
    ExecutionFacts facts;
    Status status = Status::running;
    EventId last_event = 0;  ///< how many events there are
    FrameId next_frame = 0;
    TaskNumber next_task = 1;
    std::int64_t redrives = 0;
    std::optional<TimePoint> redriven_at;
    std::optional<TimePoint> ended;
    std::optional<TimePoint> times_out_at;  ///< the machine's TimeoutSeconds
    Payload output;
    std::optional<std::string> error, cause;
    std::map<FrameId, Frame> frames;
    std::int64_t variables_bytes = 0;
    /// Since the caller last emptied them: what has to be written. A frame in `enlarged` has got a
    /// new body (see frame_codec.hpp); it is in `touched`, too. `removed` may name frames that
    /// came and went between two calls.
    std::set<FrameId> touched, enlarged, removed;
};

}  // namespace kiln::flow
