#pragma once

#include "asl/definition.hpp"
#include "flow/test_state/test_state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What a TestState request has to be, in AWS' order and words: pure.
namespace kiln::flow {

/// The state under test in its machine.
struct TestedState {
    asl::StateMachinePtr machine;
    const asl::StateGroup* group = nullptr;
    const asl::State* state = nullptr;
};

/// Definition and state name. Refused with InvalidDefinition or ValidationException.
[[nodiscard]] std::variant<TestedState, Refusal> find_tested(const TestStateRequest& request);

/// All that can be said before the state's data is looked at.
[[nodiscard]] std::optional<Refusal> refuse_request(
    const TestStateRequest& request, const asl::State& state
);

/// "ValidationException" with that text.
[[nodiscard]] Refusal validation_refusal(std::string message);

/// A JSON text of any depth that payloads may have; nullopt: it is none.
[[nodiscard]] std::optional<json::value> read_payload(std::string_view text);

}  // namespace kiln::flow
