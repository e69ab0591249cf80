#pragma once

#include "asl/definition.hpp"

#include <string>

/// Pictures of machines, for people.
namespace kiln::asl {

/// One line for each state in the order of the definition, its transitions below it, the states of
/// its branches and of its processor indented. UTF-8, ends with a line break.
[[nodiscard]] std::string render_text(const StateMachine& machine);

/// A picture of its own, without references to anything outside: states are boxes in rows by their
/// distance from the start, transitions are arrows, branches and processors boxes inside of boxes.
[[nodiscard]] std::string render_svg(const StateMachine& machine);

}  // namespace kiln::asl
