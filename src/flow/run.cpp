#include "flow/interpreter.hpp"
#include "flow/json_text.hpp"

#include <array>

namespace kiln::flow {
namespace {

struct Types {
    HistoryType entered;
    HistoryType exited;
};

/// By asl::StateType. A Fail is not left.
constexpr std::array kTypes{
    Types{HistoryType::pass_state_entered, HistoryType::pass_state_exited},
    Types{HistoryType::task_state_entered, HistoryType::task_state_exited},
    Types{HistoryType::choice_state_entered, HistoryType::choice_state_exited},
    Types{HistoryType::wait_state_entered, HistoryType::wait_state_exited},
    Types{HistoryType::succeed_state_entered, HistoryType::succeed_state_exited},
    Types{HistoryType::fail_state_entered, HistoryType::fail_state_entered},
    Types{HistoryType::parallel_state_entered, HistoryType::parallel_state_exited},
    Types{HistoryType::map_state_entered, HistoryType::map_state_exited},
};

const Types& types_of(const asl::State& state) noexcept {
    return kTypes[static_cast<std::size_t>(state.type)];
}

/// What a variable counts for against the limit of all.
std::int64_t variable_bytes(const Payload& value) {
    constexpr std::size_t kAll = std::size_t{1} << 30U;
    return static_cast<std::int64_t>(measure_json(*value, kAll).bytes);
}

}  // namespace

/// Ended children are seen to before anything else goes on, so that when this stops for
/// steps_at_once, all that is left stands in frames of Phase::entering.
void Interpreter::run() {
    while (execution_.status == Status::running) {
        if (!ended_.empty()) {
            const auto child = execution_.frames.find(ended_.front());
            ended_.pop_front();
            if (child != execution_.frames.end()) {
                settle(child->second);
            }
            continue;
        }
        if (ready_.empty()) {
            return;
        }
        if (steps_ >= limits_.steps_at_once) {
            outcome_.effects.emplace_back(Unfinished{});
            return;
        }
        const auto found = execution_.frames.find(ready_.front());
        ready_.pop_front();
        if (found != execution_.frames.end()) {
            run(found->second);
        }
    }
}

/// Until the frame waits for something, or its group ends.
void Interpreter::run(Frame& frame) {
    while (frame.phase == Phase::entering) {
        if (steps_ >= limits_.steps_at_once) {
            ready_.push_front(frame.id);
            return;
        }
        ++steps_;
        const auto& state = state_of(frame);
        enter(frame, state);
        try {
            work(frame, state);
        } catch (const StateFailure& failure) {
            fail(frame, failure);
        }
        if (execution_.status != Status::running) {
            return;
        }
    }
}

/// A state that is tried again, or redriven, was entered before.
void Interpreter::enter(Frame& frame, const asl::State& state) {
    before_entered_ = frame.last;
    touch(frame);
    if (frame.entered != 0) {
        return;
    }
    auto& event = append(frame, types_of(state).entered);
    event.name = name_of(state);
    event.input = frame.input;
    frame.entered = event.id;
    frame.entered_at = event.at;
    frame.retries.assign(state.retry.size(), 0);
    frame.retry_count = 0;
}

void Interpreter::work(Frame& frame, const asl::State& state) {
    switch (state.type) {
        case asl::StateType::pass: {
            Visit visit{*this, frame};
            DataFlow data{state, frame.input, visit, limits_.payload_bytes};
            return leave(frame, data.pass(), state.next);
        }
        case asl::StateType::succeed: {
            Visit visit{*this, frame};
            DataFlow data{state, frame.input, visit, limits_.payload_bytes};
            return leave(frame, data.pass_through(), std::nullopt);
        }
        case asl::StateType::choice:
            return choose_next(frame, state);
        case asl::StateType::wait:
            return begin_wait(frame, state);
        case asl::StateType::fail: {
            Visit visit{*this, frame};
            DataFlow data{state, frame.input, visit, limits_.payload_bytes};
            throw StateFailure{failure_of(data, std::get<asl::FailFields>(state.fields))};
        }
        case asl::StateType::task:
            return begin_task(frame, state);
        case asl::StateType::parallel:
            return begin_parallel(frame, state);
        case asl::StateType::map:
            return begin_map(frame, state);
    }
}

void Interpreter::choose_next(Frame& frame, const asl::State& state) {
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    const auto chosen = choose(data, std::get<asl::ChoiceFields>(state.fields));
    leave(
        frame,
        chosen.rule != nullptr ? data.leave_by(*chosen.rule) : data.pass_through(),
        chosen.next
    );
}

void Interpreter::begin_wait(Frame& frame, const asl::State& state) {
    Visit visit{*this, frame};
    DataFlow data{state, frame.input, visit, limits_.payload_bytes};
    const auto until = wait_until(data, std::get<asl::WaitFields>(state.fields), now());
    if (until <= now()) {
        return leave(frame, data.pass_through(), state.next);
    }
    frame.phase = Phase::waiting;
    frame.resume_at = until;
}

/// @param result  null: the state has none (Wait)
void Interpreter::finish_work(Frame& frame, Payload result) {
    const auto& state = state_of(frame);
    touch(frame);
    try {
        Visit visit{*this, frame};
        DataFlow data{state, frame.input, visit, limits_.payload_bytes};
        leave(
            frame,
            result != nullptr ? data.leave(std::move(result)) : data.pass_through(),
            state.next
        );
    } catch (const StateFailure& failure) {
        return fail(frame, failure);
    }
    // An execution that has succeeded has no frames any more.
    if (execution_.status == Status::running && frame.phase == Phase::entering) {
        ready_.push_back(frame.id);
    }
}

void Interpreter::leave(Frame& frame, Exit exit, std::optional<asl::StateIndex> next) {
    const auto& state = state_of(frame);
    if (!exit.assigned.empty()) {
        check_variables(exit.assigned);
    }
    auto& event = append(frame, types_of(state).exited);
    event.name = name_of(state);
    event.output = exit.output;
    if (!exit.assigned.empty()) {
        json::object shown;
        for (const auto& [name, value] : exit.assigned) {
            shown.emplace(name, *value);
        }
        event.more["assignedVariables"] = std::move(shown);
        assign(frame, std::move(exit.assigned));
    }
    clear_work(frame);
    if (!next) {
        return end_group(frame, std::move(exit.output));
    }
    frame.state = *next;
    frame.phase = Phase::entering;
    frame.input = std::move(exit.output);
}

/// @throws StateFailure  before anything of the assignment has happened
void Interpreter::check_variables(const Variables& assigned) const {
    auto all = execution_.variables_bytes;
    for (const auto& [name, value] : assigned) {
        const auto bytes = variable_bytes(value);
        all += bytes;
        if (bytes > static_cast<std::int64_t>(limits_.variable_bytes)) {
            throw StateFailure{
                error_name::kDataLimitExceeded,
                "The variable '" + name + "' exceeds the maximum number of bytes service limit."};
        }
    }
    if (all > static_cast<std::int64_t>(limits_.all_variables_bytes)) {
        throw StateFailure{
            error_name::kDataLimitExceeded,
            "The variables of the execution exceed the maximum number of bytes service limit."};
    }
}

void Interpreter::assign(Frame& frame, Variables assigned) {
    auto changed = frame.variables != nullptr ? std::make_shared<Variables>(*frame.variables)
                                              : std::make_shared<Variables>();
    for (auto& [name, value] : assigned) {
        auto& slot = (*changed)[name];
        execution_.variables_bytes +=
            variable_bytes(value) - (slot != nullptr ? variable_bytes(slot) : 0);
        slot = std::move(value);
    }
    frame.variables = std::move(changed);
}

/// Nothing of the state's work is left but what it was given.
void Interpreter::clear_work(Frame& frame) {
    remove_children(frame);
    frame.entered = 0;
    frame.task.reset();
    frame.resume_at.reset();
    frame.times_out_at.reset();
    frame.beats_out_at.reset();
}

void Interpreter::end_group(Frame& frame, Payload output) {
    if (frame.id == kRootFrame) {
        return succeed(frame, std::move(output));
    }
    frame.phase = Phase::done;
    frame.output = std::move(output);
    frame.input.reset();
    drop_variables(frame);
    ended_.push_back(frame.id);
}

void Interpreter::drop_variables(Frame& frame) {
    if (frame.variables != nullptr) {
        for (const auto& [name, value] : *frame.variables) {
            execution_.variables_bytes -= variable_bytes(value);
        }
        frame.variables.reset();
    }
}

}  // namespace kiln::flow
