#include "flow/interpreter.hpp"

namespace kiln::flow {
namespace {

bool is_fork(const asl::State& state) noexcept {
    return state.type == asl::StateType::parallel || state.type == asl::StateType::map;
}

}  // namespace

/// A failure of the state itself: of its data, or what it is there for (Fail).
void Interpreter::fail(Frame& frame, const StateFailure& failure) {
    const auto& state = state_of(frame);
    const bool evaluation = failure.event() == FailureEvent::evaluation;
    cancel_work(frame);
    abort_children(frame, frame.last);
    if (evaluation) {
        // AWS counts a failed query as if the state had not been entered, but for a Wait's.
        const bool at_once = frame.last == frame.entered && state.type != asl::StateType::wait;
        auto& event = emit(HistoryType::evaluation_failed, at_once ? before_entered_ : frame.last);
        event.error = failure.output().error;
        event.cause = failure.output().cause;
        event.more["state"] = state.name;
        if (!failure.location().empty()) {
            event.more["location"] = failure.location();
        }
        frame.last = event.id;
    }
    recover(frame, failure.output(), evaluation);
}

/// Retry, Catch, or the group's end. Afterwards the frame waits, enters a state, or has failed.
/// @param shown_as_failed  a Parallel or Map gets its …StateFailed
void Interpreter::recover(Frame& frame, const ErrorOutput& error, bool shown_as_failed) {
    touch(frame);
    if (retry(frame, error)) {
        return;
    }
    const auto& state = state_of(frame);
    if (shown_as_failed && is_fork(state)) {
        append(
            frame,
            state.type == asl::StateType::map ? HistoryType::map_state_failed
                                              : HistoryType::parallel_state_failed
        );
    }
    if (!catch_error(frame, error)) {
        end_failed(frame, error);
    }
}

bool Interpreter::retry(Frame& frame, const ErrorOutput& error) {
    const auto& state = state_of(frame);
    const auto index = matching_retrier(state, error);
    if (!index) {
        return false;
    }
    const auto& retrier = state.retry[*index];
    frame.retries.resize(state.retry.size(), 0);
    auto& used = frame.retries[*index];
    if (used >= retrier.max_attempts) {
        return false;
    }
    ++used;
    ++frame.retry_count;
    remove_children(frame);
    frame.task.reset();
    frame.phase = Phase::backing_off;
    frame.resume_at = now() + jittered_delay(retrier, used, world_.random());
    return true;
}

/// False: nobody catches it, or the catcher's own expressions fail.
bool Interpreter::catch_error(Frame& frame, const ErrorOutput& error) {
    const auto& state = state_of(frame);
    const auto index = matching_catcher(state, error);
    if (!index) {
        return false;
    }
    const auto& catcher = state.catchers[*index];
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    try {
        leave(frame, data.leave_by(catcher, error), catcher.next);
    } catch (const StateFailure& failure) {
        if (failure.event() == FailureEvent::evaluation) {
            auto& event = append(frame, HistoryType::evaluation_failed);
            event.error = failure.output().error;
            event.cause = failure.output().cause;
            event.more["state"] = state.name;
            event.more["location"] = failure.location();
        }
        end_failed(frame, failure.output());
        return true;
    }
    // Only the loop in `run` enters states; it is there already if that is how the state failed.
    // An execution that has succeeded has no frames any more.
    if (execution_.status == Status::running && frame.phase == Phase::entering) {
        ready_.push_back(frame.id);
    }
    return true;
}

void Interpreter::end_failed(Frame& frame, const ErrorOutput& error) {
    frame.phase = Phase::failed;
    frame.error = error.error;
    frame.cause = error.cause;
    if (frame.id == kRootFrame) {
        return close(Status::failed, error, HistoryType::execution_failed, frame.last);
    }
    ended_.push_back(frame.id);
}

/// The first failure of a branch or an iteration ends the others.
void Interpreter::settle_failed(Frame& parent, Frame& child) {
    const auto chain = child.last;
    const ErrorOutput error{child.error, child.cause};
    parent.last = chain;
    parent.fork->running.erase(child.id);
    if (is_map(parent)) {
        emit_iteration(HistoryType::map_iteration_failed, child, parent, chain);
    }
    if (state_of(child).type == asl::StateType::task) {
        emit_aborted(child, chain);
    }
    abort_children(parent, chain);
    recover(parent, error, true);
}

void Interpreter::emit_aborted(const Frame& frame, EventId previous) {
    using enum HistoryType;
    switch (state_of(frame).type) {
        case asl::StateType::task:
            emit(task_state_aborted, previous);
            break;
        case asl::StateType::wait:
            emit(wait_state_aborted, previous);
            break;
        case asl::StateType::parallel:
            emit(parallel_state_aborted, previous);
            break;
        case asl::StateType::map:
            emit(map_state_aborted, previous);
            break;
        case asl::StateType::pass:
        case asl::StateType::choice:
        case asl::StateType::succeed:
        case asl::StateType::fail:
            break;  // never stopped while they are at it
    }
}

void Interpreter::abort(Frame& frame, std::optional<EventId> chain) {
    const auto previous = chain.value_or(frame.last);
    const bool in_state = frame.entered != 0;
    cancel_work(frame);
    frame.phase = Phase::failed;
    touch(frame);
    if (auto& parent = execution_.frames.at(frame.parent); is_map(parent)) {
        emit_iteration(HistoryType::map_iteration_aborted, frame, parent, previous);
    }
    if (in_state) {
        emit_aborted(frame, previous);
    }
    abort_children(frame, chain);
}

void Interpreter::abort_children(Frame& frame, std::optional<EventId> chain) {
    if (!frame.fork) {
        return;
    }
    const auto running = std::exchange(frame.fork->running, {});
    for (const auto id : running) {
        abort(execution_.frames.at(id), chain);
    }
}

/// What was given out is not wanted any more; no timer goes off.
void Interpreter::cancel_work(Frame& frame) {
    if (has_open_task(frame)) {
        if (frame.phase == Phase::mapping) {
            outcome_.effects.emplace_back(CancelMapRun{frame.id, frame.task->number});
        } else {
            outcome_.effects.emplace_back(CancelTask{frame.id, frame.task->number});
        }
        frame.phase = Phase::failed;
    }
    cancel_timers(frame);
}

void Interpreter::cancel_timers(Frame& frame) {
    frame.resume_at.reset();
    frame.times_out_at.reset();
    frame.beats_out_at.reset();
    touch(frame);
}

}  // namespace kiln::flow
