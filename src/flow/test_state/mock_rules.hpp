#pragma once

#include "asl/definition.hpp"
#include "flow/test_state/test_state.hpp"

#include <optional>

namespace kiln::flow {

/// Whether the mock fits the state: its type, and for a result what the state's work would give.
/// Refused in AWS' words with ValidationException.
[[nodiscard]] std::optional<Refusal> refuse_mock(const Mock& mock, const asl::State& state);

}  // namespace kiln::flow
