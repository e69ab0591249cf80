#pragma once

#include "asl/definition.hpp"

#include <string>
#include <vector>

/// Where the states of a machine lead.
namespace kiln::asl {

enum class TransitionKind { next, rule, fallback, caught };

struct Transition {
    StateIndex to = 0;
    TransitionKind kind = TransitionKind::next;
    std::string label;  ///< of a rule its condition, of a catcher its errors

    bool operator==(const Transition&) const = default;
};

/// In the order of the definition: Next, or the rules and Default; then Catch.
[[nodiscard]] std::vector<Transition> transitions_of(const State& state);

/// The groups inside a state: a Parallel's branches, a Map's processor.
[[nodiscard]] std::vector<const StateGroup*> groups_of(const State& state);

/// A condition in short: "$.a = 1 and not ($.b is null)".
[[nodiscard]] std::string summary(const Condition& condition);

/// What a state does, in short: "Task sqs:sendMessage", "Wait 5", "Map (distributed)".
[[nodiscard]] std::string summary(const State& state);

}  // namespace kiln::asl
