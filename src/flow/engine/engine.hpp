#pragma once

#include "asl/definition.hpp"
#include "flow/execution.hpp"
#include "flow/refusal.hpp"
#include "flow/step.hpp"
#include "flow/task_runner.hpp"
#include "ports/clock.hpp"
#include "ports/flow_store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln::flow {

/// Called exactly once, on the engine's thread, when the answer is durable. Must not block nor
/// throw; may call the engine.
template <class T>
using Callback = std::function<void(Result<T>)>;

/// Of which machine, as it stood when the execution was started.
struct MachineRevision {
    std::int64_t revision = 0;  ///< see Definitions
    std::string arn;            ///< without version or alias
    std::string name;
    std::string version;  ///< ARN; "" none
    std::string alias;    ///< ARN; "" none
    std::string role_arn;
    asl::StateMachinePtr machine;
    /// ARN "…:express:MACHINE:NAME:UUID"; ends after 5 minutes; is not listed, and not found again
    /// once it has ended.
    bool express = false;
};

/// Reads definitions again after a restart. Safe from several threads; may block on the store.
class Definitions {
  public:
    virtual ~Definitions() = default;
    /// nullptr: there is none of that number. @throws Error by the store
    [[nodiscard]] virtual asl::StateMachinePtr revision(std::int64_t number) = 0;
    /// Is there an activity of this ARN? Does not block.
    [[nodiscard]] virtual bool has_activity(std::string_view arn) = 0;
};

struct StartSpec {
    MachineRevision machine;
    std::string name;          ///< checked; "" for a new UUID
    std::string input;         ///< JSON, checked
    Payload parsed;            ///< the same; null: parsed here
    std::string trace_header;  ///< "" none
};

struct StartedExecution {
    std::string arn;
    TimePoint started;
};

/// What DescribeExecution and ListExecutions tell.
struct ExecutionView {
    ports::ExecutionRow row;
    std::int64_t redrives = 0;
    std::optional<TimePoint> redriven;
    std::string redrive_status;         ///< REDRIVABLE, NOT_REDRIVABLE, REDRIVABLE_BY_MAP_RUN
    std::string redrive_status_reason;  ///< "" none
    std::string trace_header;           ///< "" none
};

/// Items, or children, of a Map Run by what became of them.
struct MapRunCounts {
    std::int64_t pending = 0, running = 0, succeeded = 0, failed = 0, timed_out = 0, aborted = 0;
    std::int64_t total = 0, results_written = 0;
    std::int64_t failures_not_redrivable = 0, pending_redrive = 0;
};

/// What DescribeMapRun and ListMapRuns tell.
struct MapRunView {
    std::string arn;
    std::string execution_arn;
    std::string status;  ///< "RUNNING" …
    TimePoint started;
    std::optional<TimePoint> stopped;
    std::int64_t max_concurrency = 0;
    std::int64_t tolerated_count = 0;
    double tolerated_percentage = 0;
    MapRunCounts items, executions;
    std::int64_t redrives = 0;
    std::optional<TimePoint> redriven;
};

struct HistoryPage {
    std::vector<HistoryEvent> events;
    std::optional<EventId> next;  ///< where the next page begins
};

struct ActivityTask {
    std::string token;  ///< "" none came in time
    std::string input;
};

using PollTicket = std::uint64_t;

struct EngineSettings {
    Limits limits;
    /// Signs task tokens: at least 16 bytes, the same after a restart.
    std::string token_secret;
    std::size_t cached_bytes = 256U << 20;  ///< open executions kept in memory, about
    std::size_t most_open = 1'000'000;
    std::chrono::hours kept{24 * 90};  ///< closed executions
};

/// For metrics.
struct EngineCounters {
    std::uint64_t open = 0;    ///< executions, now
    std::uint64_t cached = 0;  ///< of these in memory
    std::uint64_t events = 0;  ///< of histories, since the start
    std::uint64_t commits = 0;
};

/// What an engine works with. All outlive it.
struct EngineWorld {
    ports::FlowStore& store;
    Definitions& definitions;
    TaskRunner& runner;
    ItemSource& items;
    const ports::Clock& wall;
    const ports::SteadyClock& steady;
};

/// All executions of the process: one thread that decides and gathers, one store that writes.
///
/// Safe from several threads; no call blocks but constructor and destructor. An execution that
/// waits costs a row and a place in an index; it is read again when it goes on.
/// A failed store is told as Refusal{"InternalFailure"}: then nothing of it has happened.
class Engine {
  public:
    /// Reads what the store remembers; calls that had begun are run again.
    /// @throws Error  invalid: a secret that is too short; others by the store
    Engine(EngineWorld world, EngineSettings settings);
    Engine(Engine&&) = delete;
    ~Engine();  ///< parked polls are answered with nothing first

    /// Refused: ExecutionAlreadyExists · ExecutionLimitExceeded
    void start(StartSpec spec, Callback<StartedExecution> done);
    /// Told when the execution has ended, at once if it has already: for StartSyncExecution and
    /// .sync. Refused: ExecutionDoesNotExist
    void watch(std::string arn, Callback<ExecutionView> ended);
    /// Refused: ExecutionDoesNotExist
    void stop(
        std::string arn,
        std::optional<std::string> error,
        std::optional<std::string> cause,
        Callback<TimePoint> done
    );
    /// Refused: ExecutionDoesNotExist · ExecutionNotRedrivable
    void redrive(std::string arn, std::string client_token, Callback<TimePoint> done);

    /// A task of this activity; waits up to `wait`. Whether there is such an activity is the
    /// caller's to know.
    PollTicket take_task(
        std::string activity_arn,
        std::string worker,
        std::chrono::milliseconds wait,
        Callback<ActivityTask> done
    );
    void cancel(PollTicket ticket);

    /// Refused: InvalidToken · TaskTimedOut · InvalidOutput
    void task_succeeded(std::string token, std::string output, Callback<Done> done);
    void task_failed(
        std::string token,
        std::optional<std::string> error,
        std::optional<std::string> cause,
        Callback<Done> done
    );
    void task_heartbeat(std::string token, Callback<Done> done);

    // --- Reads. They block on the store: from the caller's thread, what is durable by now.

    [[nodiscard]] Result<ExecutionView> describe(std::string_view arn);
    [[nodiscard]] std::vector<ExecutionView> list(const ports::ExecutionFilter& filter);
    /// Events from `from` on, upwards or downwards.
    [[nodiscard]] Result<HistoryPage> history(
        std::string_view arn, std::optional<EventId> from, std::size_t at_most, bool reverse
    );
    /// Refused: ResourceNotFound
    [[nodiscard]] Result<MapRunView> describe_map_run(std::string_view arn);
    /// Newest first. Refused: ExecutionDoesNotExist
    [[nodiscard]] Result<std::vector<MapRunView>> map_runs(std::string_view execution_arn);
    /// Refused: ResourceNotFound · ValidationException
    void update_map_run(
        std::string arn,
        std::optional<std::int64_t> max_concurrency,
        std::optional<std::int64_t> tolerated_count,
        std::optional<double> tolerated_percentage,
        Callback<Done> done
    );

    /// Executions of a machine that is being deleted, as many as there are now, end at their next
    /// transition. Not remembered: to be called again after a restart.
    void machine_deleted(std::string machine_arn);
    /// Executions of this machine that are open; a Map Run's children are others'.
    [[nodiscard]] std::size_t open_executions(std::string_view machine_arn) const;

    /// Does not wait.
    [[nodiscard]] EngineCounters counters() const;

    /// Answers parked polls with nothing, and lets later ones not wait: the process is ending.
    void release_polls();

    /// Looks at the clock again: for tests, whose clocks jump.
    void wake();

  private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace kiln::flow
