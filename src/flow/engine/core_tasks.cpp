// Tasks: given to workers and runners, and reported.

#include "flow/engine/core.hpp"
#include "flow/engine/views.hpp"
#include "flow/frame_tree.hpp"
#include "flow/json_text.hpp"

#include <fmt/format.h>

namespace kiln::flow {

namespace {

/// AWS: a poll waits for a minute at most.
constexpr std::chrono::seconds kLongestPoll{60};

Refusal task_is_over() {
    return {"TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"};
}

}  // namespace

void Engine::Core::take_task(
    const std::string& activity, Poll poll, std::chrono::milliseconds wait
) {
    if (polls_over_ || wait.count() <= 0) {
        // A task that is there is given all the same.
        auto& line = lines_.at(activity);
        if (polls_over_ || line.tasks.empty()) {
            lines_.tidy(activity);
            return answer<ActivityTask>(poll.done, ActivityTask{});
        }
    }
    poll.until = time_.now() + std::min<Duration>(wait, kLongestPoll);
    lines_.park(activity, std::move(poll));
}

void Engine::Core::cancel(PollTicket ticket) {
    if (const auto poll = lines_.unpark(ticket)) {
        answer<ActivityTask>(poll->done, ActivityTask{});
    }
}

void Engine::Core::release_polls() {
    polls_over_ = true;
    while (const auto ticket = lines_.any_poll()) {
        cancel(*ticket);
    }
}

void Engine::Core::serve_polls() {
    while (!gathering_.full()) {
        auto* const line = lines_.next_match();
        if (line == nullptr) {
            return;
        }
        hand_over(*line);
    }
}

/// The first task to the first poll.
void Engine::Core::hand_over(ActivityLine& line) {
    const auto task = *line.tasks.begin();
    const auto activity = line.arn;  // the line may go
    auto poll = lines_.next_poll(line);
    auto& slot = *slots_.find(task.execution);
    try {
        auto& open = load(slot);
        const auto found = open.execution.frames.find(task.frame);
        if (found == open.execution.frames.end() || found->second.phase != Phase::scheduled) {
            slots_.dequeue(slot, task.frame);
            return take_task(activity, std::move(poll), kLongestPoll);
        }
        const auto number = found->second.task->number;
        const auto parameters = parameters_of(open, found->second);
        (void)apply(slot, TaskStarted{task.frame, number, poll.worker});
        answer<ActivityTask>(
            poll.done, ActivityTask{tokens_.write({slot.number, number}), json_text(*parameters)}
        );
    } catch (const std::exception& error) {
        if (!rest_after(error, "give out a task")) {
            slots_.dequeue(slot, task.frame);
        }
        poll.done(store_failed(error));
    }
}

Payload Engine::Core::parameters_of(const OpenExecution& open, const Frame& frame) {
    auto parameters = parameters_.take({open.row.number, frame.task->number});
    if (parameters == nullptr) {
        if (auto event = scheduling_of(open.row.number, frame.task->scheduled)) {
            parameters = std::move(event->input);
        }
    }
    return parameters != nullptr ? parameters : std::make_shared<const json::value>(json::object{});
}

std::optional<HistoryEvent> Engine::Core::scheduling_of(
    ports::ExecutionNumber number, EventId scheduled
) {
    auto page = read_history(world_.store, number, scheduled, 1, false);
    if (page.events.empty() || page.events.front().id != scheduled) {
        return std::nullopt;
    }
    return std::move(page.events.front());
}

std::variant<Engine::Core::Reported, Refusal> Engine::Core::reported(const std::string& token) {
    const auto name = tokens_.read(token);
    if (!name) {
        return Refusal{"InvalidToken", "Invalid Token: 'Invalid token'"};
    }
    auto* const slot = live(slots_.find(name->execution));
    if (slot == nullptr) {
        return task_is_over();
    }
    const auto& open = load(*slot);
    const auto found = open.tasks.find(name->task);
    if (found == open.tasks.end()) {
        return task_is_over();
    }
    return Reported{slot, found->second, name->task};
}

template <class MakeEvent>
void Engine::Core::report(
    const std::string& token, const Callback<Done>& done, const MakeEvent& make
) {
    const auto found = reported(token);
    if (const auto* const refusal = std::get_if<Refusal>(&found)) {
        return answer<Done>(done, *refusal);
    }
    const auto& [slot, frame, task] = std::get<Reported>(found);
    const bool accepted = apply(*slot, make(frame, task)).accepted;
    answer<Done>(done, accepted ? Result<Done>{Done{}} : Result<Done>{task_is_over()});
}

void Engine::Core::task_succeeded(
    const std::string& token, Payload output, const Callback<Done>& done
) {
    report(token, done, [&](FrameId frame, TaskNumber task) {
        return TaskSucceeded{frame, task, output};
    });
}

/// A bad token is told before a bad output, as AWS does.
void Engine::Core::output_refused(
    const std::string& token, const std::string& why, const Callback<Done>& done
) {
    if (!tokens_.read(token)) {
        return done(Refusal{"InvalidToken", "Invalid Token: 'Invalid token'"});
    }
    done(Refusal{"InvalidOutput", fmt::format("Invalid Output: '{}'", why)});
}

void Engine::Core::task_failed(
    const std::string& token,
    const std::optional<std::string>& error,
    const std::optional<std::string>& cause,
    const Callback<Done>& done
) {
    report(token, done, [&](FrameId frame, TaskNumber task) {
        return TaskFailed{frame, task, error, cause};
    });
}

void Engine::Core::task_heartbeat(const std::string& token, const Callback<Done>& done) {
    report(token, done, [](FrameId frame, TaskNumber task) { return TaskBeat{frame, task}; });
}

void Engine::Core::call(TaskCall call) {
    const TaskName name{call.execution, call.task};
    const auto frame = call.frame;
    calls_.emplace(name.execution, name.task);
    // The runner may outlive the engine, and this the runner.
    std::weak_ptr<Inbox> box = inbox;
    world_.runner.run(std::move(call), [this, box, name, frame](TaskReport report) {
        if (const auto open = box.lock()) {
            open->post([this, name, frame, report = std::move(report)] {
                chore([this, name, frame, report] { on_report(name, frame, report); });
            });
        }
    });
}

void Engine::Core::on_report(const TaskName& name, FrameId frame, const TaskReport& report) {
    using What = TaskReport::What;
    const bool over = report.what == What::succeeded || report.what == What::failed;
    auto* const slot = live(slots_.find(name.execution));
    if (slot == nullptr) {
        if (over) {
            calls_.erase({name.execution, name.task});
        }
        return;
    }
    switch (report.what) {
        case What::started:
            (void)apply(*slot, TaskStarted{frame, name.task, ""});
            break;
        case What::submitted:
            (void)apply(*slot, TaskSubmitted{frame, name.task, report.output});
            break;
        case What::succeeded:
            (void)apply(*slot, TaskSucceeded{frame, name.task, report.output});
            break;
        case What::failed: {
            using At = TaskReport::At;
            const auto at = report.at == At::start    ? TaskFailed::At::start
                            : report.at == At::submit ? TaskFailed::At::submit
                                                      : TaskFailed::At::run;
            (void)apply(*slot, TaskFailed{frame, name.task, report.error, report.cause, at});
            break;
        }
    }
    if (over) {
        calls_.erase({name.execution, name.task});
    }
}

}  // namespace kiln::flow
