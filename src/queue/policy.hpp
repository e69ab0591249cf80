#pragma once

#include "queue/attributes.hpp"
#include "queue/definition.hpp"
#include "queue/refusal.hpp"

#include <string>
#include <string_view>
#include <vector>

/// A queue's Policy attribute as AddPermission and RemovePermission change it. Pure.
namespace kiln::queue {

struct Permission {
    std::string label;                  ///< 1 to 80 of [A-Za-z0-9_-], one for each statement
    std::vector<std::string> accounts;  ///< of 12 digits
    std::vector<std::string> actions;   ///< "SendMessage", "*"
};

/// The queue with one more statement in its policy.
/// Refused: invalid_parameter_value · missing_parameter · over_limit (20 statements, 7 actions)
[[nodiscard]] Outcome<QueueDefinition> add_permission(
    const Place& place, QueueDefinition definition, const Permission& permission
);

/// The queue without that statement; without a policy, when it was the last one.
/// Refused: invalid_parameter_value (no such label)
[[nodiscard]] Outcome<QueueDefinition> remove_permission(
    QueueDefinition definition, std::string_view label
);

}  // namespace kiln::queue
