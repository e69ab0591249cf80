#include "flow/interpreter.hpp"

namespace kiln::flow {

void Interpreter::succeed(Frame& root, Payload output) {
    emit_end(HistoryType::execution_succeeded, root.last, {});
    outcome_.history.back().output = output;
    execution_.status = Status::succeeded;
    execution_.output = std::move(output);
    execution_.ended = now();
    execution_.times_out_at.reset();
    execution_.variables_bytes = 0;
    // Nothing of it can be redriven.
    for (const auto& [id, frame] : execution_.frames) {
        execution_.removed.insert(id);
    }
    execution_.frames.clear();
    execution_.touched.clear();
    execution_.enlarged.clear();
    last_touched_ = -1;
    outcome_.effects.emplace_back(Ended{});
}

/// Ends the execution from above. Its frames stay, for a redrive.
void Interpreter::close(
    Status status, const ErrorOutput& error, HistoryType type, EventId previous
) {
    auto& root = execution_.frames.at(kRootFrame);
    cancel_work(root);
    try {
        abort_children(root, std::nullopt);
    } catch (const HistoryFull&) {
        cancel_all();
    }
    root.phase = Phase::failed;
    root.error = error.error;
    root.cause = error.cause;
    touch(root);
    emit_end(type, previous, error);
    execution_.status = status;
    execution_.error = error.error;
    execution_.cause = error.cause;
    execution_.ended = now();
    execution_.times_out_at.reset();
    outcome_.effects.emplace_back(Ended{});
}

/// Without events: there is no room for them.
void Interpreter::cancel_all() {
    for (auto& [id, frame] : execution_.frames) {
        if (is_open(frame)) {
            cancel_work(frame);
            frame.phase = Phase::failed;
            touch(frame);
        }
        if (frame.fork) {
            frame.fork->running.clear();
        }
    }
}

void Interpreter::fail_for_full_history() {
    cancel_all();
    const ErrorOutput error{
        std::string{error_name::kRuntime},
        "The execution reached the maximum number of history events (" +
            std::to_string(limits_.events) + ")."};
    close(
        Status::failed, error, HistoryType::execution_failed, execution_.frames.at(kRootFrame).last
    );
}

void Interpreter::on(const Stop& stop) {
    if (execution_.status != Status::running || execution_.last_event == 0) {
        return refuse();
    }
    // AWS' event of a stop points to nothing.
    close(Status::aborted, {stop.error, stop.cause}, HistoryType::execution_aborted, 0);
}

void Interpreter::on(const Redrive&) {
    const auto status = execution_.status;
    const bool failed = status == Status::failed || status == Status::timed_out ||
                        status == Status::aborted || status == Status::pending_redrive;
    const bool room = execution_.last_event + 2 < limits_.events;
    if (!failed || !room || execution_.frames.empty()) {
        return refuse();
    }
    auto& event = emit(HistoryType::execution_redriven, execution_.last_event);
    event.more["redriveCount"] = ++execution_.redrives;
    execution_.status = Status::running;
    execution_.redriven_at = now();
    execution_.ended.reset();
    execution_.output.reset();
    execution_.error.reset();
    execution_.cause.reset();
    if (const auto seconds = execution_.facts.machine->timeout_seconds) {
        execution_.times_out_at = now() + std::chrono::seconds{*seconds};
    }
    revive(execution_.frames.at(kRootFrame), event.id);
}

namespace {

/// These go on within the state; others enter it once more.
bool goes_on(const asl::State& state) noexcept {
    return state.type == asl::StateType::task || state.type == asl::StateType::parallel ||
           state.type == asl::StateType::map;
}

}  // namespace

/// What has failed or was aborted runs again from where it stood; results stay.
void Interpreter::revive(Frame& frame, EventId chain) {
    const auto& state = state_of(frame);
    frame.last = chain;
    frame.error.reset();
    frame.cause.reset();
    frame.retries.assign(state.retry.size(), 0);
    frame.retry_count = 0;
    touch(frame);
    if (!frame.fork) {
        frame.phase = Phase::entering;
        if (!goes_on(state)) {
            frame.entered = 0;
        }
        if (state.type == asl::StateType::task) {
            frame.task.reset();
        }
        ready_.push_back(frame.id);
        return;
    }
    frame.phase = Phase::forked;
    auto& fork = *frame.fork;
    fork.running.clear();
    for (const auto id : fork.children) {
        auto& child = execution_.frames.at(id);
        if (child.phase != Phase::done) {
            fork.running.insert(id);
            revive(child, chain);
        }
    }
    begin_or_complete(frame, chain);
}

/// A fork whose children are revived: further ones begin, or all were done before.
void Interpreter::begin_or_complete(Frame& frame, EventId chain) {
    try {
        begin_children(frame, chain);
        if (frame.fork->finished == frame.fork->total) {
            complete(frame, chain);
        }
    } catch (const StateFailure& failure) {
        fail(frame, failure);
    }
    // An execution that has succeeded has no frames any more.
    if (execution_.status == Status::running && frame.phase == Phase::entering) {
        ready_.push_back(frame.id);
    }
}

}  // namespace kiln::flow
