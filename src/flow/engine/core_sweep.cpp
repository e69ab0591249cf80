// Closed executions that were kept long enough.

#include "flow/engine/core.hpp"

namespace kiln::flow {

namespace {

constexpr std::size_t kSweptAtOnce = 500;
constexpr std::chrono::minutes kPause{10};

}  // namespace

void Engine::Core::sweep() {
    if (time_.now() < sweeps_at_ || writing_) {
        return;
    }
    const auto before = time_.time_of_day() - settings.kept;
    try {
        const auto ended = world_.store.ended_before(before, kSweptAtOnce);
        for (const auto number : ended) {
            if (slots_.find(number) == nullptr) {
                gathering_.changes.emplace_back(ports::flow_change::RemoveExecution{number});
            }
        }
        // The next ones follow when these are gone.
        sweeps_at_ = ended.size() == kSweptAtOnce ? time_.now() : time_.now() + kPause;
    } catch (const std::exception&) {
        rest();
    }
}

}  // namespace kiln::flow
