#pragma once

#include "asl/definition.hpp"

#include <string>
#include <string_view>

namespace kiln::api::states {

/// What a distributed Map runs for each item, as a definition of its own: its ItemProcessor.
/// Pure. @returns  "{}" when the machine has no Map of this label
[[nodiscard]] std::string map_processor(
    const asl::StateMachine& machine, std::string_view definition, std::string_view label
);

}  // namespace kiln::api::states
