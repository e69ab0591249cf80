#pragma once

#include "asl/definition.hpp"
#include "asl/diagnostic.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

/// From a definition's text to a machine that can run, or to all that is wrong with it.
namespace kiln::asl {

enum class MachineType { standard, express };

struct ParseOptions {
    MachineType type = MachineType::standard;
    /// AWS' limit of a definition: a longer one is refused unread.
    std::size_t limit_bytes = 1U << 20;
};

struct Parsed {
    StateMachinePtr machine;              ///< null: refused, `diagnostics` has at least one error
    std::vector<Diagnostic> diagnostics;  ///< in the order of the definition; warnings too
};

/// Reads and checks a whole definition. Throws nothing; any input ends with an answer.
[[nodiscard]] Parsed parse_definition(std::string_view text, const ParseOptions& options = {});

/// A definition for TestState: one state, or a machine of which one state is tested. A single
/// state's transitions lead out of the text, so each of their targets stands in the machine as a
/// Succeed state of that name, behind the state itself (index 0 of `top`).
/// The single state is named `name` (AWS: "StateName") in the machine and in locations.
[[nodiscard]] Parsed parse_state(
    std::string_view text, std::string_view name = "StateName", const ParseOptions& options = {}
);

/// Is `text` a whole definition (it has `States`), as TestState tells it from a single state?
[[nodiscard]] bool is_whole_definition(std::string_view text);

}  // namespace kiln::asl
