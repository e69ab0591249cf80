#pragma once

#include "asl/definition.hpp"

#include <string>
#include <vector>

/// Variables of a machine.
namespace kiln::asl {

/// Names of variables that an expression of the state reads, sorted, each once; not "states".
[[nodiscard]] std::vector<std::string> variables_of(const State& state);

/// AWS' variableReferences: {"STATE": ["name", …], …}, with each state at any depth that reads one.
[[nodiscard]] json::object variable_references(const StateMachine& machine);

}  // namespace kiln::asl
