#pragma once

#include "asl/parse.hpp"
#include "flow/item_inputs.hpp"
#include "flow/json_text.hpp"
#include "flow/step.hpp"
#include "flow/tests/fake_world.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::flow::testing {

inline Payload payload(std::string_view text) {
    json::parse_options options;
    options.max_depth = 2000;
    return std::make_shared<const json::value>(json::parse(text, {}, options));
}

inline asl::StateMachinePtr machine(std::string_view definition) {
    auto parsed = asl::parse_definition(definition);
    if (parsed.machine == nullptr) {
        throw Error{
            ErrorKind::invalid,
            "the test's definition is refused: " +
                (parsed.diagnostics.empty() ? "" : parsed.diagnostics.front().message)};
    }
    return parsed.machine;
}

inline ExecutionFacts facts_of(asl::StateMachinePtr machine, Payload input, TimePoint started) {
    return {
        .arn = "arn:aws:states:us-east-1:111111111111:execution:machine:run",
        .name = "run",
        .machine_arn = "arn:aws:states:us-east-1:111111111111:stateMachine:machine",
        .machine_name = "machine",
        .role_arn = "arn:aws:iam::111111111111:role/role",
        .started = started,
        .input = std::move(input),
        .machine = std::move(machine),
    };
}

/// An execution, played event by event in virtual time.
class Play {
  public:
    Play(
        asl::StateMachinePtr machine,
        Payload input,
        Limits of_play = {},
        FakeWorld around = FakeWorld{}
    )
        : world{std::move(around)},
          limits{of_play},
          execution{new_execution(facts_of(std::move(machine), std::move(input), world.time))} {}

    /// From a definition and an input as texts; begun.
    Play(std::string_view definition, std::string_view input, Limits of_play = {})
        : Play{testing::machine(definition), payload(input), of_play} {
        hand_in(Begin{});
    }

    /// The event, and GoOn as long as there is more to do. False: it was not accepted.
    bool hand_in(const Event& event) {
        auto outcome = advance(execution, event, world, limits);
        const bool accepted = outcome.accepted;
        take(outcome);
        while (unfinished_) {
            unfinished_ = false;
            auto rest = advance(execution, GoOn{}, world, limits);
            take(rest);
        }
        return accepted;
    }

    /// Lets time pass until the next timer goes off. False: there is none.
    bool wait() {
        const auto next = next_timer(execution);
        if (!next) {
            return false;
        }
        world.time = std::max(world.time, next->at);
        return hand_in(next->event);
    }

    /// Waits until nothing is waited for but tasks.
    void run() {
        while (running() && wait()) {
        }
    }

    [[nodiscard]] bool running() const { return execution.status == Status::running; }

    /// The oldest task that nobody has taken. It is taken away.
    std::optional<ScheduleTask> take_task() {
        if (tasks.empty()) {
            return std::nullopt;
        }
        auto task = std::move(tasks.front());
        tasks.erase(tasks.begin());
        return task;
    }

    /// Starts the oldest task, and ends it with this output.
    void succeed_task(std::string_view output) {
        const auto task = take_task().value();
        hand_in(TaskStarted{task.frame, task.task, "worker"});
        hand_in(TaskSucceeded{task.frame, task.task, payload(output)});
    }

    void fail_task(std::string error, std::string cause) {
        const auto task = take_task().value();
        hand_in(TaskStarted{task.frame, task.task, "worker"});
        hand_in(TaskFailed{task.frame, task.task, std::move(error), std::move(cause)});
    }

    [[nodiscard]] std::string output() const {
        return execution.output != nullptr ? json_text(*execution.output) : "";
    }

    /// "1<-0 ExecutionStarted" …
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const auto& event : history) {
            lines.push_back(
                fmt::format("{}<-{} {}", event.id, event.previous, to_string(event.type))
            );
        }
        return lines;
    }

    FakeWorld world;
    Limits limits;
    Execution execution;
    std::vector<HistoryEvent> history;
    std::vector<ScheduleTask> tasks;
    std::vector<StartMapRun> map_runs;
    std::vector<TaskNumber> cancelled;
    int ended = 0;

  private:
    void take(Outcome& outcome) {
        for (auto& event : outcome.history) {
            history.push_back(std::move(event));
        }
        for (auto& effect : outcome.effects) {
            if (auto* task = std::get_if<ScheduleTask>(&effect)) {
                tasks.push_back(std::move(*task));
            } else if (auto* run = std::get_if<StartMapRun>(&effect)) {
                map_runs.push_back(std::move(*run));
            } else if (const auto* cancel = std::get_if<CancelTask>(&effect)) {
                cancelled.push_back(cancel->task);
                std::erase_if(tasks, [&](const auto& given) { return given.task == cancel->task; });
            } else if (std::holds_alternative<Unfinished>(effect)) {
                unfinished_ = true;
            } else if (std::holds_alternative<Ended>(effect)) {
                ++ended;
            }
        }
    }

    bool unfinished_ = false;
};

}  // namespace kiln::flow::testing
