// Executions begin, and are watched.

#include "asl/arn.hpp"
#include "flow/engine/core.hpp"
#include "flow/engine/views.hpp"

#include <fmt/format.h>

namespace kiln::flow {

namespace {

/// AWS: an express execution ends after five minutes.
constexpr std::chrono::minutes kExpressTime{5};

std::string arn_of(const MachineRevision& machine, const std::string& name, Entropy& entropy) {
    const auto read = asl::parse_arn(machine.arn);
    const auto* const arn = std::get_if<asl::Arn>(&read);
    const auto place = arn != nullptr ? arn->place : asl::ArnPlace{};
    return machine.express ? asl::express_execution_arn(place, machine.name, name, entropy.uuid())
                           : asl::execution_arn(place, machine.name, name);
}

Refusal exists(std::string_view arn) {
    return {"ExecutionAlreadyExists", fmt::format("Execution Already Exists: '{}'", arn)};
}

}  // namespace

void Engine::Core::start(StartSpec& spec, const Callback<StartedExecution>& done) {
    const auto& machine = spec.machine;
    const bool named = !spec.name.empty();
    const auto name = named ? spec.name : entropy_.uuid();
    auto arn = arn_of(machine, name, entropy_);
    if (named && !machine.express) {
        if (auto* const slot = live(slots_.find(arn)); slot != nullptr) {
            if (!start_again(*slot, spec, done)) {
                answer<StartedExecution>(done, exists(arn));
            }
            return;
        }
        if (world_.store.find(arn)) {
            return answer<StartedExecution>(done, exists(arn));
        }
    }
    if (slots_.size() >= settings.most_open) {
        return answer<StartedExecution>(
            done,
            Refusal{
                "ExecutionLimitExceeded",
                fmt::format("More than {} executions are open", settings.most_open)}
        );
    }
    const auto started = time_.time_of_day();
    Birth birth;
    birth.facts.arn = arn;
    birth.facts.name = name;
    birth.facts.machine_arn = machine.arn;
    birth.facts.machine_name = machine.name;
    birth.facts.version_arn = machine.version;
    birth.facts.alias_arn = machine.alias;
    birth.facts.role_arn = machine.role_arn;
    birth.facts.started = started;
    birth.facts.input = spec.parsed;
    birth.facts.machine = machine.machine;
    birth.row.revision = machine.revision;
    birth.row.input = std::move(spec.input);
    birth.extras.express = machine.express;
    birth.extras.trace_header = std::move(spec.trace_header);
    give_birth(std::move(birth));
    answer<StartedExecution>(done, StartedExecution{std::move(arn), started});
}

/// The same name again: the same answer, while it runs and was given the same input.
bool Engine::Core::start_again(
    Slot& slot, const StartSpec& spec, const Callback<StartedExecution>& done
) {
    const auto& open = load(slot);
    const auto& facts = open.execution.facts;
    if (!open.running() || *facts.input != *spec.parsed || facts.machine_arn != spec.machine.arn) {
        return false;
    }
    answer<StartedExecution>(done, StartedExecution{slot.arn, facts.started});
    return true;
}

Slot& Engine::Core::give_birth(Birth birth) {
    auto open = std::make_unique<OpenExecution>();
    auto& row = open->row;
    row = std::move(birth.row);
    const auto& facts = birth.facts;
    row.number = ++last_number_;
    row.arn = facts.arn;
    row.name = facts.name;
    row.machine = facts.machine_arn;
    row.version = facts.version_arn;
    row.alias = facts.alias_arn;
    row.role = facts.role_arn;
    row.started = facts.started;
    open->extras = std::move(birth.extras);
    open->bytes = 2048 + 3 * row.input.size();
    open->unwritten.whole = true;
    const bool express = open->extras.express;
    open->execution = new_execution(std::move(birth.facts));
    auto& slot = slots_.add(row.number, row.arn);
    slots_.keep(slot, std::move(open));
    (void)apply(slot, Begin{});
    auto& execution = slot.open->execution;
    if (express && slot.open->running()) {
        const auto end = time_.now() + kExpressTime;
        execution.times_out_at = std::min(execution.times_out_at.value_or(end), end);
        slots_.mark(slot, kRootFrame, wakes_at(execution, execution.frames.at(kRootFrame)));
    }
    return slot;
}

void Engine::Core::watch(const std::string& arn, const Callback<ExecutionView>& ended) {
    if (auto* const slot = live(slots_.find(arn)); slot != nullptr) {
        watchers_[slot->number].push_back(ended);
        return;
    }
    for (const auto& [until, view] : fleeting_ends_) {
        if (view.row.arn == arn) {
            return answer<ExecutionView>(ended, view);
        }
    }
    auto row = world_.store.find(arn);
    if (!row) {
        return answer<ExecutionView>(ended, no_execution(arn));
    }
    answer<ExecutionView>(ended, view_of(*std::move(row), world_.wall.now()));
}

}  // namespace kiln::flow
