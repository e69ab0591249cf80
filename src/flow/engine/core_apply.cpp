// Executions in memory: read, moved by events, and what follows.

#include "base/error.hpp"
#include "flow/engine/core.hpp"
#include "flow/engine/execution_world.hpp"
#include "flow/engine/views.hpp"
#include "flow/frame_tree.hpp"
#include "flow/json_text.hpp"

#include <limits>

#include <fmt/format.h>

namespace kiln::flow {

Slot* Engine::Core::live(Slot* slot) {
    return slot == nullptr || (slot->stale && !reindex(*slot)) ? nullptr : slot;
}

OpenExecution& Engine::Core::load(Slot& slot) {
    KILN_CHECK(!slot.stale);
    if (slot.open == nullptr) {
        auto row = world_.store.find(slot.number);
        if (!row) {
            throw Error{ErrorKind::corrupt, fmt::format("the store lost '{}'", slot.arn)};
        }
        slots_.keep(slot, read(*row));
    }
    slots_.refresh(slot);
    return *slot.open;
}

std::unique_ptr<OpenExecution> Engine::Core::read(const ports::ExecutionRow& row) {
    auto open = std::make_unique<OpenExecution>();
    open->row = row;
    auto& facts = open->execution.facts;
    facts.arn = row.arn;
    facts.name = row.name;
    facts.machine_arn = row.machine;
    facts.machine_name = row.machine.substr(row.machine.rfind(':') + 1);
    facts.version_arn = row.version;
    facts.alias_arn = row.alias;
    facts.role_arn = row.role;
    facts.started = row.started;
    facts.input = parse_payload(row.input);
    facts.machine = child_machines_.machine_of(row, world_.definitions);
    read_execution(*open, world_.store.frames(row.number), time_);
    open->row.input = {};
    return open;
}

Outcome Engine::Core::apply(Slot& slot, const Event& event) {
    auto& open = load(slot);
    ExecutionWorld world{*this, slot.number};
    auto limits = settings.limits;
    if (open.extras.express) {
        limits.events = std::numeric_limits<EventId>::max();
    }
    auto outcome = advance(open.execution, event, world, limits);
    if (!outcome.accepted) {
        return outcome;
    }
    const auto touched = open.execution.touched;
    const auto removed = open.execution.removed;
    gathering_.events += outcome.history.size();
    events_ += outcome.history.size();
    note_outcome(open, outcome.history, time_);
    if (!open.running()) {
        open.unwritten.state = true;
    }
    touch(slot);
    mark_frames(slot, touched, removed);
    for (auto& effect : outcome.effects) {
        gathering_.effects.push_back({slot.number, std::move(effect)});
    }
    end_if_doomed(slot);
    return outcome;
}

void Engine::Core::touch(Slot& slot) {
    if (!slot.dirty) {
        slot.dirty = true;
        gathering_.executions.push_back(slot.number);
    }
}

void Engine::Core::mark_frames(
    Slot& slot, const std::set<FrameId>& touched, const std::set<FrameId>& gone
) {
    auto& open = *slot.open;
    for (const auto id : gone) {
        slots_.unmark(slot, id);
    }
    if (!open.running()) {
        open.tasks.clear();
        return slots_.clear_marks(slot);
    }
    for (const auto id : touched) {
        const auto found = open.execution.frames.find(id);
        if (found == open.execution.frames.end()) {
            continue;
        }
        const auto& frame = found->second;
        slots_.mark(slot, id, wakes_at(open.execution, frame));
        if (frame.phase != Phase::scheduled) {
            slots_.dequeue(slot, id);
        }
        if (has_open_task(frame)) {
            open.tasks[frame.task->number] = id;
        }
    }
    // Tasks end with events that touch their frames: few are open at once.
    std::erase_if(open.tasks, [&](const auto& entry) {
        const auto found = open.execution.frames.find(entry.second);
        return found == open.execution.frames.end() || !has_open_task(found->second) ||
               found->second.task->number != entry.first;
    });
}

bool Engine::Core::doomed(const Slot& slot) const {
    if (doomed_.empty()) {
        return false;
    }
    const auto found = doomed_.find(counted_machine(slot.arn));
    return found != doomed_.end() && slot.number <= found->second;
}

void Engine::Core::end_if_doomed(Slot& slot) {
    if (slot.open->running() && slot.open->execution.last_event > 0 && doomed(slot)) {
        (void)apply(slot, Stop{std::nullopt, "The state machine is being deleted."});
    }
}

void Engine::Core::perform(const Commit::Due& due) {
    const auto number = due.execution;
    if (const auto* const task = std::get_if<ScheduleTask>(&due.effect)) {
        schedule(number, *task);
    } else if (const auto* const cancelled = std::get_if<CancelTask>(&due.effect)) {
        (void)parameters_.take({number, cancelled->task});
        if (calls_.erase({number, cancelled->task}) > 0) {
            world_.runner.cancel(number, cancelled->task);
        }
    } else if (const auto* const order = std::get_if<StartMapRun>(&due.effect)) {
        chore([this, number, order = *order] { begin_map_run(number, order); });
    } else if (const auto* const run = std::get_if<CancelMapRun>(&due.effect)) {
        chore([this, number, task = run->task] { cancel_map_run(number, task); });
    } else if (std::holds_alternative<Unfinished>(due.effect)) {
        chore([this, number] {
            if (auto* const slot = live(slots_.find(number))) {
                (void)apply(*slot, GoOn{});
            }
        });
    } else {
        close(number);
    }
}

void Engine::Core::schedule(ports::ExecutionNumber number, const ScheduleTask& task) {
    auto* const slot = slots_.find(number);
    if (slot == nullptr) {
        return;
    }
    if (task.resource->kind != asl::ResourceKind::activity) {
        return call({
            .execution_arn = slot->arn,
            .execution = number,
            .frame = task.frame,
            .task = task.task,
            .resource = *task.resource,
            .parameters = task.parameters,
            .credentials = task.credentials,
            .token = task.token,
            .again = false,
        });
    }
    // Something may have happened to it since.
    if (slot->open == nullptr) {
        return;
    }
    const auto found = slot->open->execution.frames.find(task.frame);
    if (found == slot->open->execution.frames.end() || found->second.phase != Phase::scheduled ||
        found->second.task->number != task.task) {
        return;
    }
    const auto bytes = measure_json(*task.parameters, settings.limits.payload_bytes).bytes;
    parameters_.put({number, task.task}, task.parameters, bytes + 128);
    slots_.enqueue(*slot, task.frame, task.resource->arn, found->second.entered_at);
}

/// An execution has ended, durably.
void Engine::Core::close(ports::ExecutionNumber number) {
    auto* const slot = slots_.find(number);
    if (slot == nullptr || slot->open == nullptr || slot->open->running()) {
        return;
    }
    auto& open = *slot->open;
    if (!open.row.map_run.empty()) {
        chore([this,
               run = open.row.map_run,
               index = open.row.map_index,
               status = open.execution.status] { child_ended(run, index, status); });
    }
    const auto watching = watchers_.find(number);
    if (watching == watchers_.end() && !open.fleeting()) {
        return;
    }
    Result<ExecutionView> view = Refusal{};
    if (open.fleeting()) {
        view = view_of(open, time_);
        while (!fleeting_ends_.empty() && fleeting_ends_.front().first < time_.now()) {
            fleeting_ends_.pop_front();
        }
        fleeting_ends_.emplace_back(
            time_.now() + std::chrono::seconds{2}, std::get<ExecutionView>(view)
        );
    } else {
        try {
            view = view_of(*world_.store.find(number), world_.wall.now());
        } catch (const std::exception& error) {
            view = store_failed(error);
        }
    }
    if (watching != watchers_.end()) {
        for (const auto& ended : watching->second) {
            ended(view);
        }
        watchers_.erase(watching);
    }
}

}  // namespace kiln::flow
