#pragma once

#include "asl/arn.hpp"
#include "asl/resource.hpp"
#include "base/json.hpp"
#include "flow/payload.hpp"
#include "flow/refusal.hpp"
#include "flow/state_failure.hpp"
#include "flow/step.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

/// TestState: one state is run alone, with its data shown step by step: pure.
/// What AWS does, and where this differs: docs/reference/test-state.md.
namespace kiln::flow {

enum class InspectionLevel {
    info,   ///< output, status, next state
    debug,  ///< and inspectionData
    trace,  ///< the same here: AWS adds the messages of HTTP tasks
};

/// How a mocked result is compared with what the service's action answers.
enum class FieldValidation {
    strict,   ///< types and bounds, and required members have to be there
    present,  ///< types and bounds of what is there
    none,
};

struct Mock {
    std::optional<std::string> result;  ///< JSON text
    std::optional<ErrorOutput> error_output;
    FieldValidation validation = FieldValidation::strict;
};

struct StateConfiguration {
    std::optional<std::int64_t> retrier_retry_count;
    std::optional<std::string> error_caused_by_state;
    std::optional<std::int64_t> map_iteration_failure_count;
    std::optional<std::string> map_item_reader_data;
};

/// The request, its members' own constraints (lengths, enumerations) checked.
struct TestStateRequest {
    std::string definition;                 ///< one state, or a machine where state_name is given
    std::optional<std::string> state_name;  ///< at any depth of the machine
    std::optional<std::string> role_arn;
    std::optional<std::string> input;  ///< JSON text; none: {}
    std::optional<std::string> variables, context;
    InspectionLevel level = InspectionLevel::info;
    bool reveal_secrets = false;
    std::optional<Mock> mock;
    StateConfiguration configuration;
    asl::ArnPlace place;  ///< for ARNs in the context object
};

class StateTest;

/// The state's task has to be called to go on: see `finish_test`. AWS gives it five minutes.
struct TestCall {
    asl::Resource resource;  ///< request-response only
    Payload parameters;
    Payload credentials;  ///< null: none
    std::optional<std::int64_t> timeout_seconds;
    std::shared_ptr<StateTest> rest;
};

/// TestState's answer as AWS shows it, a refusal, or a call to be made.
using TestStateOutcome = std::variant<json::object, Refusal, TestCall>;

/// The world is used during the call only. Waits are not waited for.
[[nodiscard]] TestStateOutcome test_state(
    const TestStateRequest& request, World& world, const Limits& limits
);

/// How a call ended: with its result, never null, or with an error.
using CallEnd = std::variant<Payload, ErrorOutput>;

/// The answer once the call has ended. To be called once for a TestCall.
[[nodiscard]] json::object finish_test(const TestCall& call, const CallEnd& end, World& world);

}  // namespace kiln::flow
