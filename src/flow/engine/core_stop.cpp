// Executions end before their time, and begin once more.

#include "flow/engine/core.hpp"
#include "flow/engine/views.hpp"

#include <algorithm>

namespace kiln::flow {

namespace {

/// AWS: a client token is good for 15 minutes, the last ten are remembered.
constexpr std::chrono::minutes kTokenTime{15};
constexpr std::size_t kMostTokens = 10;

const RedriveToken* find_token(
    const ExecutionExtras& extras, const std::string& token, TimePoint now
) {
    const auto found = std::find_if(
        extras.redrive_tokens.begin(),
        extras.redrive_tokens.end(),
        [&](const auto& each) { return each.token == token && now - each.at <= kTokenTime; }
    );
    return token.empty() || found == extras.redrive_tokens.end() ? nullptr : &*found;
}

Refusal not_redrivable(std::string why) {
    return {"ExecutionNotRedrivable", std::move(why)};
}

}  // namespace

void Engine::Core::stop(
    const std::string& arn,
    const std::optional<std::string>& error,
    const std::optional<std::string>& cause,
    const Callback<TimePoint>& done
) {
    auto* const slot = live(slots_.find(arn));
    if (slot == nullptr) {
        const auto row = world_.store.find(arn);
        if (!row || !row->stopped) {
            return answer<TimePoint>(done, no_execution(arn));
        }
        return answer<TimePoint>(done, *row->stopped);
    }
    (void)apply(*slot, Stop{error, cause});
    answer<TimePoint>(done, time_.shown(slot->open->execution.ended.value_or(time_.now())));
}

void Engine::Core::redrive(
    const std::string& arn, const std::string& client_token, const Callback<TimePoint>& done
) {
    const auto now = time_.time_of_day();
    auto* slot = live(slots_.find(arn));
    if (slot == nullptr) {
        auto row = world_.store.find(arn);
        if (!row) {
            return answer<TimePoint>(done, no_execution(arn));
        }
        auto open = read(*row);
        slot = &slots_.add(row->number, row->arn);
        slots_.keep(*slot, std::move(open));
    }
    auto& open = load(*slot);
    const auto leave = [&](Result<TimePoint> result) {
        answer<TimePoint>(done, std::move(result));
        if (!open.running() && !slot->dirty && !slot->writing) {
            slots_.remove(*slot);
        }
    };
    if (const auto* const token = find_token(open.extras, client_token, now)) {
        return leave(token->at);
    }
    auto state = open.row;
    state.status = to_string(open.execution.status);
    if (open.execution.ended) {
        state.stopped = time_.shown(*open.execution.ended);
    }
    auto why = redrive_hindrance(state, open.execution.last_event, now);
    if (why.empty() && !open.row.map_run.empty()) {
        why = "Execution is a child of a Map Run and is redriven by its parent";
    }
    if (!why.empty()) {
        return leave(not_redrivable(std::move(why)));
    }
    if (!apply(*slot, Redrive{}).accepted) {
        return leave(not_redrivable("Execution cannot be redriven"));
    }
    open.unwritten.state = true;
    if (!client_token.empty()) {
        open.extras.redrive_tokens.push_back({client_token, now});
        if (open.extras.redrive_tokens.size() > kMostTokens) {
            open.extras.redrive_tokens.pop_front();
        }
    }
    answer<TimePoint>(done, now);
}

void Engine::Core::machine_deleted(const std::string& machine) {
    doomed_[machine] = last_number_;
}

}  // namespace kiln::flow
