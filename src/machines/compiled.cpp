#include "machines/compiled.hpp"

#include <algorithm>

namespace kiln::machines {

asl::StateMachinePtr Compiled::find(ports::RevisionNumber number) {
    auto state = state_.lock();
    const auto at = state->known.find(number);
    auto machine = at == state->known.end() ? nullptr : at->second.lock();
    if (machine) {
        keep_recent(*state, machine);
    }
    return machine;
}

asl::StateMachinePtr Compiled::keep(ports::RevisionNumber number, asl::StateMachinePtr machine) {
    auto state = state_.lock();
    auto& known = state->known[number];
    if (auto first = known.lock()) {
        machine = std::move(first);
    } else {
        known = machine;
    }
    keep_recent(*state, machine);
    if (state->known.size() >= state->sweep_at) {
        std::erase_if(state->known, [](const auto& each) { return each.second.expired(); });
        state->sweep_at = std::max<std::size_t>(64, 2 * state->known.size());
    }
    return machine;
}

void Compiled::keep_recent(State& state, const asl::StateMachinePtr& machine) const {
    if (!state.recent.empty() && state.recent.back() == machine) {
        return;
    }
    state.recent.push_back(machine);
    if (state.recent.size() > kept_) {
        state.recent.pop_front();
    }
}

}  // namespace kiln::machines
