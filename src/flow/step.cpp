#include "flow/step.hpp"

#include "flow/interpreter.hpp"

#include <algorithm>
#include <array>

namespace kiln::flow {

std::string_view to_string(Status status) noexcept {
    constexpr std::array<std::string_view, 6> kNames{
        "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"};
    return kNames[static_cast<std::size_t>(status)];
}

Execution new_execution(ExecutionFacts facts) {
    Execution execution;
    execution.facts = std::move(facts);
    return execution;
}

Outcome advance(Execution& execution, const Event& event, World& world, const Limits& limits) {
    Outcome outcome;
    Interpreter{execution, world, limits, outcome}.handle(event);
    return outcome;
}

void Interpreter::handle(const Event& event) {
    try {
        std::visit([this](const auto& happened) { on(happened); }, event);
        if (execution_.status == Status::running) {
            run();
        }
    } catch (const HistoryFull&) {
        fail_for_full_history();
    }
}

TimePoint Interpreter::now() {
    if (!now_) {
        now_ = world_.now();
    }
    return *now_;
}

Frame* Interpreter::find(FrameId id) {
    if (execution_.status != Status::running) {
        return nullptr;
    }
    const auto found = execution_.frames.find(id);
    return found == execution_.frames.end() ? nullptr : &found->second;
}

Frame* Interpreter::find(FrameId id, TaskNumber task) {
    auto* const frame = find(id);
    if (frame == nullptr || !has_open_task(*frame) || frame->task->number != task) {
        refuse();
        return nullptr;
    }
    touch(*frame);
    return frame;
}

void Interpreter::on(const Begin&) {
    if (execution_.last_event != 0) {
        return refuse();
    }
    const auto& facts = execution_.facts;
    auto& root = add_frame(-1, 0, facts.machine->top);
    root.input = facts.input;
    ready_.push_back(root.id);
    auto& started = emit(HistoryType::execution_started, 0);
    started.input = facts.input;
    started.more["roleArn"] = facts.role_arn;
    if (!facts.alias_arn.empty()) {
        started.more["stateMachineAliasArn"] = facts.alias_arn;
    }
    if (!facts.version_arn.empty()) {
        started.more["stateMachineVersionArn"] = facts.version_arn;
    }
    if (facts.machine->timeout_seconds) {
        execution_.times_out_at = now() + std::chrono::seconds{*facts.machine->timeout_seconds};
    }
}

void Interpreter::on(const GoOn&) {
    // Only what runs is looked at: the finished iterations of a Map may be many.
    std::vector<FrameId> open{kRootFrame};
    while (!open.empty()) {
        const auto found = execution_.frames.find(open.back());
        open.pop_back();
        if (found == execution_.frames.end()) {
            continue;
        }
        const auto& frame = found->second;
        if (frame.phase == Phase::entering) {
            ready_.push_back(frame.id);
        } else if (frame.fork) {
            open.insert(open.end(), frame.fork->running.begin(), frame.fork->running.end());
        }
    }
    std::sort(ready_.begin(), ready_.end());
    if (ready_.empty()) {
        refuse();
    }
}

namespace {

bool due(const std::optional<TimePoint>& timer, TimePoint now) {
    return timer && *timer <= now;
}

}  // namespace

void Interpreter::on(const TimerFired& fired) {
    if (fired.timer == Timer::execution) {
        if (execution_.status != Status::running || !due(execution_.times_out_at, now())) {
            return refuse();
        }
        return close(
            Status::timed_out,
            {},
            HistoryType::execution_timed_out,
            execution_.frames.at(kRootFrame).last
        );
    }
    auto* const frame = find(fired.frame);
    if (frame == nullptr) {
        return refuse();
    }
    if (fired.timer == Timer::time_out && due(frame->times_out_at, now())) {
        return time_out(*frame, false);
    }
    if (fired.timer == Timer::heartbeat && due(frame->beats_out_at, now())) {
        return time_out(*frame, true);
    }
    if (fired.timer != Timer::resume || !due(frame->resume_at, now())) {
        return refuse();
    }
    frame->resume_at.reset();
    touch(*frame);
    if (frame->phase == Phase::backing_off) {
        frame->phase = Phase::entering;
        ready_.push_back(frame->id);
    } else {
        finish_work(*frame, nullptr);
    }
}

std::optional<NextTimer> next_timer(const Execution& execution) {
    std::optional<NextTimer> next;
    const auto consider = [&](const std::optional<TimePoint>& at, FrameId frame, Timer timer) {
        if (at && (!next || *at < next->at)) {
            next = NextTimer{*at, {frame, timer}};
        }
    };
    if (execution.status != Status::running) {
        return next;
    }
    consider(execution.times_out_at, kRootFrame, Timer::execution);
    // Only what runs is looked at: the finished iterations of a Map may be many.
    std::vector<FrameId> open{kRootFrame};
    while (!open.empty()) {
        const auto found = execution.frames.find(open.back());
        open.pop_back();
        if (found == execution.frames.end()) {
            continue;
        }
        const auto& frame = found->second;
        consider(frame.resume_at, frame.id, Timer::resume);
        consider(frame.times_out_at, frame.id, Timer::time_out);
        consider(frame.beats_out_at, frame.id, Timer::heartbeat);
        if (frame.fork) {
            open.insert(open.end(), frame.fork->running.begin(), frame.fork->running.end());
        }
    }
    return next;
}

}  // namespace kiln::flow
