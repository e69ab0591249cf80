#pragma once

#include "asl/definition.hpp"

#include <optional>
#include <string>
#include <vector>

/// Pictures of state machines. Pure.
namespace kiln::cli {

/// A way out of a state.
struct Transition {
    std::string label;                      ///< "", "1", "Default", "States.ALL"
    std::optional<asl::StateIndex> target;  ///< in the state's group; none: its end
    bool caught = false;                    ///< a Catch

    bool operator==(const Transition&) const = default;
};

/// In the order of the definition.
[[nodiscard]] std::vector<Transition> transitions_of(const asl::State& state);

/// The groups below a state: the branches of a Parallel, the processor of a Map.
[[nodiscard]] std::vector<const asl::StateGroup*> groups_below(const asl::State& state);

/// States and their transitions, a line each, in the order in which they can be reached.
[[nodiscard]] std::string machine_text(const asl::StateMachine& machine);

/// A drawing as SVG.
[[nodiscard]] std::string machine_svg(const asl::StateMachine& machine);

/// The states of a group by how many transitions lie before them; each once, all of them.
[[nodiscard]] std::vector<std::vector<asl::StateIndex>> rows_of(const asl::StateGroup& group);

}  // namespace kiln::cli
