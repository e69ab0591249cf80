#pragma once

#include "asl/definition.hpp"
#include "machines/commands.hpp"

#include <string>
#include <string_view>

namespace kiln::machines {

/// The definition as it is run. Pure.
/// Refused: InvalidDefinition, with what is wrong and where
[[nodiscard]] Result<asl::StateMachinePtr> compile(std::string_view text, MachineType type);

}  // namespace kiln::machines
