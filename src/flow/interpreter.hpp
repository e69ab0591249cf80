#pragma once

#include "flow/data_flow.hpp"
#include "flow/frame_tree.hpp"
#include "flow/map_items.hpp"
#include "flow/state_work.hpp"
#include "flow/step.hpp"

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>

/// The inside of `advance`: one object for one call.
namespace kiln::flow {

/// The history has no room for another event: the execution fails.
struct HistoryFull : std::exception {};

class Visit;

class Interpreter {
  public:
    Interpreter(Execution& execution, World& world, const Limits& limits, Outcome& outcome)
        : execution_{execution}, world_{world}, limits_{limits}, outcome_{outcome} {}

    void handle(const Event& event);

    // What a Visit asks.
    [[nodiscard]] const Execution& execution() const noexcept { return execution_; }

    [[nodiscard]] World& world() noexcept { return world_; }

    [[nodiscard]] TimePoint now();
    /// `$$` of a frame's state. @param map  `$$.Map`; null: of the iteration that the frame is in
    [[nodiscard]] Payload context_of(const Frame& frame, Payload map);

  private:
    // step.cpp: events
    void on(const Begin& event);
    void on(const GoOn& event);
    void on(const TimerFired& event);
    void on(const TaskStarted& event);
    void on(const TaskSubmitted& event);
    void on(const TaskSucceeded& event);
    void on(const TaskFailed& event);
    void on(const TaskBeat& event);
    void on(const MapRunStarted& event);
    void on(const MapRunEnded& event);
    void on(const Stop& event);
    void on(const Redrive& event);
    [[nodiscard]] Frame* find(FrameId frame);
    /// The frame whose task this is, if it is still open; else the event is not accepted.
    [[nodiscard]] Frame* find(FrameId frame, TaskNumber task);

    void refuse() noexcept { outcome_.accepted = false; }

    // run.cpp: from state to state
    void run();
    void run(Frame& frame);
    void enter(Frame& frame, const asl::State& state);
    void work(Frame& frame, const asl::State& state);
    void choose_next(Frame& frame, const asl::State& state);
    void begin_wait(Frame& frame, const asl::State& state);
    void leave(Frame& frame, Exit exit, std::optional<asl::StateIndex> next);
    void finish_work(Frame& frame, Payload result);
    void check_variables(const Variables& assigned) const;
    void assign(Frame& frame, Variables assigned);
    void end_group(Frame& frame, Payload output);
    void clear_work(Frame& frame);
    void drop_variables(Frame& frame);

    // fork.cpp: Parallel and Map
    void begin_parallel(Frame& frame, const asl::State& state);
    void begin_map(Frame& frame, const asl::State& state);
    void begin_inline_map(Frame& frame, const MapOrder& order);
    void begin_map_run(Frame& frame, const asl::State& state, MapOrder order, DataFlow& data);
    void begin_children(Frame& frame, EventId previous);
    void begin_child(Frame& frame, EventId previous);
    [[nodiscard]] Payload child_input(Frame& frame, std::int64_t index);
    void settle(Frame& child);
    void settle_done(Frame& parent, Frame& child);
    void complete(Frame& frame, EventId previous);
    void remove_children(Frame& frame);

    // task.cpp
    void begin_task(Frame& frame, const asl::State& state);
    void announce(Frame& frame, const asl::TaskFields& fields, const TaskOrder& order);
    void set_task_timers(Frame& frame);
    void time_out(Frame& frame, bool heartbeat);

    // failure.cpp
    void fail(Frame& frame, const StateFailure& failure);
    void recover(Frame& frame, const ErrorOutput& error, bool shown_as_failed);
    [[nodiscard]] bool retry(Frame& frame, const ErrorOutput& error);
    [[nodiscard]] bool catch_error(Frame& frame, const ErrorOutput& error);
    void end_failed(Frame& frame, const ErrorOutput& error);
    void settle_failed(Frame& parent, Frame& child);
    /// `chain`: what the events' previousEventId is; none: each frame's own last event.
    void abort(Frame& frame, std::optional<EventId> chain);
    void emit_aborted(const Frame& frame, EventId previous);
    void abort_children(Frame& frame, std::optional<EventId> chain);
    void cancel_work(Frame& frame);
    void cancel_timers(Frame& frame);

    // ends.cpp
    void succeed(Frame& root, Payload output);
    void close(Status status, const ErrorOutput& error, HistoryType type, EventId previous);
    void cancel_all();
    void fail_for_full_history();
    void revive(Frame& frame, EventId chain);
    void begin_or_complete(Frame& frame, EventId chain);

    // events.cpp
    HistoryEvent& emit(HistoryType type, EventId previous);
    void emit_end(HistoryType type, EventId previous, const ErrorOutput& error);
    /// The next event of a frame: its previousEventId is the frame's last, and it is the last then.
    HistoryEvent& append(Frame& frame, HistoryType type);
    void emit_iteration(HistoryType type, const Frame& child, const Frame& map, EventId previous);
    [[nodiscard]] std::shared_ptr<const std::string> name_of(const asl::State& state) const;
    void touch(const Frame& frame);
    Frame& add_frame(FrameId parent, std::int64_t index, const asl::StateGroup& group);
    void remove_frame(Frame& frame);

    Execution& execution_;
    World& world_;
    const Limits& limits_;
    Outcome& outcome_;
    std::deque<FrameId> ready_;  ///< in Phase::entering
    std::deque<FrameId> ended_;  ///< children in Phase::done or failed that the parent has to see
    std::size_t steps_ = 0;
    EventId before_entered_ = 0;  ///< the frame's last event before its state was entered
    FrameId last_touched_ = -1;
    std::optional<TimePoint> now_;
    std::shared_ptr<json::value> context_;
};

/// What the expressions of a frame's state can see.
class Visit final : public Surroundings {
  public:
    Visit(Interpreter& interpreter, const Frame& frame)
        : interpreter_{interpreter}, frame_{frame} {}

    /// From now on `$$.Map` is this: one item of the frame's own Map.
    void look_at(Payload map);

    [[nodiscard]] const Payload& context() override;
    [[nodiscard]] const std::vector<const Variables*>& scopes() override;

    [[nodiscard]] std::uint64_t random() override { return interpreter_.world().random(); }

    [[nodiscard]] std::string uuid() override { return interpreter_.world().uuid(); }

    [[nodiscard]] EventId entered() const override { return frame_.entered; }

    [[nodiscard]] TimePoint now() override { return interpreter_.now(); }

    [[nodiscard]] std::shared_ptr<const void> owner() override;

  private:
    Interpreter& interpreter_;
    const Frame& frame_;
    Payload map_;
    Payload context_;
    std::optional<std::vector<const Variables*>> scopes_;
};

}  // namespace kiln::flow
