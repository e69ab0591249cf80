#pragma once

#include "flow/refusal.hpp"
#include "flow/step.hpp"
#include "ports/flow_store.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace kiln::flow {

/// What the engine has to do again if it did not get to the disk.
using Chore = std::shared_ptr<std::function<void()>>;

/// What is written together, and what follows when it is durable.
struct Commit {
    /// nullptr: all is durable; else why nothing of it has happened.
    using Answer = std::function<void(const Refusal* failure)>;

    struct Due {
        ports::ExecutionNumber execution = 0;
        Effect effect;
    };

    std::vector<ports::ExecutionNumber> executions;  ///< that changed; written as they stand then
    ports::FlowChanges changes;                      ///< others
    std::vector<Answer> answers;
    std::vector<Due> effects;
    std::vector<std::function<void()>> sequels;  ///< what else follows
    std::vector<Chore> chores;                   ///< done in it
    std::size_t events = 0;

    /// What one transaction should hold at most: bounds how long the next one waits.
    [[nodiscard]] bool full() const noexcept {
        return executions.size() >= 5'000 || events >= 50'000;
    }

    [[nodiscard]] bool empty() const noexcept {
        return executions.empty() && changes.empty() && answers.empty() && effects.empty() &&
               sequels.empty();
    }
};

}  // namespace kiln::flow
