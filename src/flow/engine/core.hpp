#pragma once

#include "flow/engine/activity_lines.hpp"
#include "flow/engine/child_machines.hpp"
#include "flow/engine/commit.hpp"
#include "flow/engine/engine.hpp"
#include "flow/engine/entropy.hpp"
#include "flow/engine/inbox.hpp"
#include "flow/engine/map_runs.hpp"
#include "flow/engine/parameter_cache.hpp"
#include "flow/engine/slots.hpp"
#include "flow/engine/task_tokens.hpp"
#include "flow/engine/timeline.hpp"
#include "flow/engine/timer_index.hpp"
#include "flow/engine/work_pool.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <unordered_map>

namespace kiln::flow {

/// The engine's thread and what it owns. All but what is marked is of that thread alone.
///
/// An event moves an execution in memory at once, and notes in the gathering batch that it has
/// changed, whom to tell and what is to be done. That happens when the batch is on disk.
class Engine::Core {
  public:
    Core(const EngineWorld& world, EngineSettings settings);
    ~Core();

    // For any thread.
    const std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
    const EngineSettings settings;
    std::atomic<PollTicket> last_ticket{0};

    [[nodiscard]] ports::FlowStore& store() const { return world_.store; }

    [[nodiscard]] TimePoint wall_now() const { return world_.wall.now(); }

    [[nodiscard]] const Slots& slots() const { return slots_; }

    [[nodiscard]] EngineCounters counters() const { return {open_, cached_, events_, commits_}; }

    [[nodiscard]] MapRunViews& map_run_views() { return map_run_views_; }

    /// `command(core)` runs on the engine's thread; when the store cannot be read, `done` hears of
    /// it.
    template <class T, class Command>
    void post(Callback<T> done, Command command);

    // Commands: executions (core_start.cpp, core_stop.cpp).
    void start(StartSpec& spec, const Callback<StartedExecution>& done);
    void watch(const std::string& arn, const Callback<ExecutionView>& ended);
    void stop(
        const std::string& arn,
        const std::optional<std::string>& error,
        const std::optional<std::string>& cause,
        const Callback<TimePoint>& done
    );
    void redrive(
        const std::string& arn, const std::string& client_token, const Callback<TimePoint>& done
    );
    void machine_deleted(const std::string& machine);

    // Tasks (core_tasks.cpp).
    void take_task(const std::string& activity, Poll poll, std::chrono::milliseconds wait);
    void cancel(PollTicket ticket);
    void release_polls();
    void task_succeeded(const std::string& token, Payload output, const Callback<Done>& done);
    void output_refused(
        const std::string& token, const std::string& why, const Callback<Done>& done
    );
    void task_failed(
        const std::string& token,
        const std::optional<std::string>& error,
        const std::optional<std::string>& cause,
        const Callback<Done>& done
    );
    void task_heartbeat(const std::string& token, const Callback<Done>& done);

    // Map Runs (core_maps.cpp).
    void update_map_run(const std::string& arn, const MapRunUpdate& update, Callback<Done> done);

  private:
    class ExecutionWorld;

    // The thread (core.cpp).
    void serve();
    void run_commands();
    void write_next();
    void submit();
    void conclude(const std::exception_ptr& failure);
    void settle_good(Commit& batch);
    void settle_failed(Commit& batch, const std::exception_ptr& failure);

    [[nodiscard]] bool resting() const { return time_.now() < rests_until_; }

    void rest();
    /// After work that threw: false, it will never do, for what is stored contradicts itself.
    [[nodiscard]] bool rest_after(const std::exception& error, std::string_view doing);
    [[nodiscard]] bool finished() const;
    [[nodiscard]] std::optional<Duration> patience() const;
    /// Work of the engine's own: done again, later, when the store fails.
    void chore(std::function<void()> work);
    void run_chore(const Chore& work);
    void fire_timers();
    void fire(const TimerIndex::Entry& entry);
    void end_polls();
    template <class T>
    void answer(const Callback<T>& done, Result<T> result);

    // Executions in memory (core_apply.cpp).
    /// The slot, if its execution is still there after a commit that failed.
    [[nodiscard]] Slot* live(Slot* slot);
    [[nodiscard]] OpenExecution& load(Slot& slot);
    [[nodiscard]] std::unique_ptr<OpenExecution> read(const ports::ExecutionRow& row);
    Outcome apply(Slot& slot, const Event& event);
    void touch(Slot& slot);
    void mark_frames(Slot& slot, const std::set<FrameId>& touched, const std::set<FrameId>& gone);
    void end_if_doomed(Slot& slot);
    void perform(const Commit::Due& due);
    void schedule(ports::ExecutionNumber number, const ScheduleTask& task);
    void close(ports::ExecutionNumber number);
    [[nodiscard]] bool doomed(const Slot& slot) const;

    // Beginning (core_start.cpp).
    struct Birth {
        ExecutionFacts facts;
        ports::ExecutionRow row;
        ExecutionExtras extras;
    };

    Slot& give_birth(Birth birth);
    [[nodiscard]] bool start_again(
        Slot& slot, const StartSpec& spec, const Callback<StartedExecution>& done
    );

    // After a start, and after a commit that failed (core_load.cpp).
    void load_all();
    void index_waiting(Slot& slot, const ports::FlowStore::Waiting& waiting);
    void refresh_stale();
    /// False: there is no such execution, or it is closed; the slot is gone.
    [[nodiscard]] bool reindex(Slot& slot);
    void resume_some();
    void resume(Slot& slot);
    void resume_frame(Slot& slot, FrameId frame);
    void run_again(Slot& slot, const Frame& frame);

    // Tasks (core_tasks.cpp).
    struct Reported {
        Slot* slot = nullptr;
        FrameId frame = 0;
        TaskNumber task = 0;
    };

    [[nodiscard]] std::variant<Reported, Refusal> reported(const std::string& token);
    template <class MakeEvent>
    void report(const std::string& token, const Callback<Done>& done, const MakeEvent& make);
    void serve_polls();
    void hand_over(ActivityLine& line);
    [[nodiscard]] Payload parameters_of(const OpenExecution& open, const Frame& frame);
    [[nodiscard]] std::optional<HistoryEvent> scheduling_of(
        ports::ExecutionNumber number, EventId scheduled
    );
    void call(TaskCall call);
    void on_report(const TaskName& name, FrameId frame, const TaskReport& report);

    // Map Runs (core_maps.cpp, core_map_children.cpp, core_map_ends.cpp).
    void begin_map_run(ports::ExecutionNumber number, const StartMapRun& order);
    void cancel_map_run(ports::ExecutionNumber number, TaskNumber task);
    void load_map_runs();
    void revive_map_run(const ports::MapRunRow& row);
    void redrive_map_run(MapRun& run);
    [[nodiscard]] MapRun* find_map_run(ports::ExecutionNumber number, TaskNumber task);
    void tell_parent(MapRun& run, bool redriven);
    void read_items(MapRun& run);
    void have_items(const std::string& arn, const std::variant<Payload, TaskFailure>& items);
    void lay_out_children(MapRun& run);
    void count_children(MapRun& run);
    void put_map_run(MapRun& run, bool with_items);
    void show_map_run(const MapRun& run);
    void tend_map_runs();
    void tend(MapRun& run, std::size_t& budget);
    void start_children(MapRun& run, std::size_t& budget);
    void start_child(MapRun& run, ItemInputs& inputs, std::int64_t index);
    void redrive_child(MapRun& run, std::int64_t index);
    void stop_children(MapRun& run, std::size_t& budget);
    void child_ended(const std::string& arn, std::int64_t index, Status status);
    void gather_results(MapRun& run);
    void end_map_run(MapRun& run, const MapRunResult& result);
    void close_map_run(MapRun& run);

    // Closed executions that are kept long enough (core_sweep.cpp).
    void sweep();

    EngineWorld world_;
    Timeline time_;
    TaskTokens tokens_;
    Entropy entropy_;
    TimerIndex timers_;
    ActivityLines lines_;
    Slots slots_{timers_, lines_};
    ChildMachines child_machines_;
    ParameterCache parameters_;
    ports::ExecutionNumber last_number_ = 0;

    Commit gathering_;
    std::optional<Commit> writing_;
    std::deque<Inbox::Command> backlog_;
    std::deque<Chore> chores_;  ///< to be done (again) when the engine does not rest
    TimePoint rests_until_;     ///< after a failure of the store
    std::set<ports::ExecutionNumber> resuming_;  ///< have frames that wait for the engine
    std::set<ports::ExecutionNumber> stale_;     ///< slots that are
    std::set<std::pair<ports::ExecutionNumber, TaskNumber>> calls_;  ///< that a runner has
    std::unordered_map<ports::ExecutionNumber, std::vector<Callback<ExecutionView>>> watchers_;
    std::deque<std::pair<TimePoint, ExecutionView>> fleeting_ends_;  ///< the last seconds'
    std::map<std::string, ports::ExecutionNumber> doomed_;  ///< machines, and up to which execution
    std::unordered_map<std::string, std::unique_ptr<MapRun>> map_runs_;
    std::set<std::string> tended_;  ///< Map Runs with something to do
    MapRunViews map_run_views_;
    bool map_runs_stale_ = false;
    TimePoint sweeps_at_;
    std::atomic<std::uint64_t> open_{0}, cached_{0}, events_{0}, commits_{0};  // for any thread
    bool closing_ = false;
    bool polls_over_ = false;
    std::unique_ptr<WorkPool> pool_;  ///< reads and writes of Map Runs, which block
    std::thread thread_;              ///< last: it uses all the others
};

/// Why nothing was done.
[[nodiscard]] Refusal store_failed(const std::exception& error);

template <class T, class Command>
void Engine::Core::post(Callback<T> done, Command command) {
    inbox->post([this, done = std::move(done), command = std::move(command)]() mutable {
        try {
            command(*this, done);
        } catch (const std::exception& error) {
            rest();
            done(store_failed(error));
        }
    });
}

template <class T>
void Engine::Core::answer(const Callback<T>& done, Result<T> result) {
    gathering_.answers.push_back([done,
                                  result = std::move(result)](const Refusal* failure) mutable {
        done(failure != nullptr ? Result<T>{*failure} : std::move(result));
    });
}

}  // namespace kiln::flow
