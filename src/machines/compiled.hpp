#pragma once

#include "asl/definition.hpp"
#include "base/guarded.hpp"
#include "ports/machine_store.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>

namespace kiln::machines {

/// Definitions as they are run, by revision. One that somebody uses is there once; those that were
/// asked for last stay without a user. Safe from several threads.
class Compiled {
  public:
    /// @param kept  how many stay without a user
    explicit Compiled(std::size_t kept) : kept_{kept} {}

    /// nullptr: it is not here.
    [[nodiscard]] asl::StateMachinePtr find(ports::RevisionNumber number);
    /// @returns  what is there from now on: the one that was first
    asl::StateMachinePtr keep(ports::RevisionNumber number, asl::StateMachinePtr machine);

  private:
    struct State {
        std::unordered_map<ports::RevisionNumber, std::weak_ptr<const asl::StateMachine>> known;
        std::deque<asl::StateMachinePtr> recent;  ///< newest last; one may be there repeatedly
        std::size_t sweep_at = 64;  ///< entries, at which those without a machine are dropped
    };

    void keep_recent(State& state, const asl::StateMachinePtr& machine) const;

    std::size_t kept_;
    Guarded<State> state_;
};

}  // namespace kiln::machines
