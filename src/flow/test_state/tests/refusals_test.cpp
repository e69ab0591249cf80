// Requests that are refused, with AWS' codes and words.

#include "flow/test_state/test_state.hpp"
#include "flow/tests/fake_world.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace kiln::flow {
namespace {

constexpr const char* kPass = R"({"Type":"Pass","End":true})";
constexpr const char* kTask =
    R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true})";
constexpr const char* kToken =
    R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",)"
    R"("Parameters":{"QueueUrl":"q","MessageBody":"m"},"End":true})";
constexpr const char* kActivity =
    R"({"Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:a","End":true})";
constexpr const char* kWait = R"({"Type":"Wait","Seconds":1,"End":true})";
constexpr const char* kMap =
    R"({"Type":"Map","ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"End":true})";
constexpr const char* kMachine = R"({"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}})";

TestStateRequest request(const char* definition) {
    TestStateRequest made;
    made.definition = definition;
    made.place = {"aws", "us-east-1", "111111111111"};
    return made;
}

TestStateRequest mocked(const char* definition, const char* result) {
    auto made = request(definition);
    made.mock.emplace().result = result;
    return made;
}

struct Row {
    const char* name;
    TestStateRequest request;
    const char* code;
    const char* message;
};

void PrintTo(const Row& row, std::ostream* to) {
    *to << row.name;
}

template <class Change>
TestStateRequest with(TestStateRequest made, Change change) {
    change(made);
    return made;
}

class RefusedTest : public ::testing::TestWithParam<Row> {};

TEST_P(RefusedTest, HasTheCodeAndTheWords) {
    testing::FakeWorld world;
    const auto outcome = test_state(GetParam().request, world, {});
    const auto* const refusal = std::get_if<Refusal>(&outcome);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(refusal->code, GetParam().code);
    EXPECT_THAT(refusal->message, ::testing::StartsWith(GetParam().message));
}

constexpr const char* kInvalid = "ValidationException";
constexpr const char* kDefinition = "InvalidDefinition";
constexpr const char* kContext = "Invalid Context object provided: ";

TestStateRequest in_context(const char* definition, const char* context) {
    return with(mocked(definition, "{}"), [&](auto& made) { made.context = context; });
}

std::string about_context(const char* what) {
    return std::string{kContext} + what;
}

INSTANTIATE_TEST_SUITE_P(
    Request,
    RefusedTest,
    ::testing::Values(
        Row{"definition_is_no_json",
            request("{"),
            kDefinition,
            "Invalid State Machine Definition: '"},
        Row{"unknown_type",
            request(R"({"Type":"Nap"})"),
            kDefinition,
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'Type' should "
            "have one of these values"},
        Row{"a_state_that_is_not_there",
            with(request(kMachine), [](auto& made) { made.state_name = "B"; }),
            kInvalid,
            "State not found in definition"},
        Row{"a_state_name_wants_a_machine",
            with(request(kPass), [](auto& made) { made.state_name = "A"; }),
            kDefinition,
            "Invalid State Machine Definition: '"},
        Row{"task_without_role",
            request(kTask),
            kInvalid,
            "RoleArn must be specified when testing a Task state"},
        Row{"map_without_mock",
            request(kMap),
            kDefinition,
            "TestState API does not support Map or Parallel states."},
        Row{"activity_without_mock",
            with(request(kActivity), [](auto& made) { made.role_arn = "r"; }),
            kDefinition,
            "TestState API does not support Activity tasks"},
        Row{"token_without_mock",
            with(request(kToken), [](auto& made) { made.role_arn = "r"; }),
            kDefinition,
            "TestState API does not support Activity tasks"},
        Row{"failure_count_without_mock",
            with(
                request(kMap),
                [](auto& made) { made.configuration.map_iteration_failure_count = 0; }
            ),
            kInvalid,
            "TestState does not support MapIterationFailureCount when a mock is not specified."},
        Row{"context_without_mock",
            with(request(kPass), [](auto& made) { made.context = "{}"; }),
            kInvalid,
            "TestState does not support Context when a mock is not specified."},
        Row{"input_is_no_json",
            with(request(kPass), [](auto& made) { made.input = "{"; }),
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input: '"},
        Row{"input_is_blank",
            with(request(kPass), [](auto& made) { made.input = " "; }),
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input: 'Invalid execution input.'"},
        Row{"variables_are_no_object",
            with(request(kPass), [](auto& made) { made.variables = "[]"; }),
            kInvalid,
            "Variables must be a JSON object"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

INSTANTIATE_TEST_SUITE_P(
    MockOf,
    RefusedTest,
    ::testing::Values(
        Row{"pass",
            mocked(kPass, "{}"),
            kInvalid,
            "State type 'Pass' is not supported when a mock is specified"},
        Row{"wait",
            mocked(kWait, "{}"),
            kInvalid,
            "State type 'Wait' is not supported when a mock is specified"},
        Row{"secrets",
            with(mocked(kTask, "{}"), [](auto& made) { made.reveal_secrets = true; }),
            kInvalid,
            "TestState does not support RevealSecrets when a mock is specified."},
        Row{"result_and_error",
            with(
                mocked(kTask, "{}"),
                [](auto& made) {
                    made.mock->error_output = ErrorOutput{"E", {}};
                }
            ),
            kInvalid,
            "A test mock should have only one of the following fields: [result, errorOutput]."},
        Row{"no_json", mocked(kTask, "not JSON"), kInvalid, "Mocked result must be valid JSON"},
        Row{"no_json_in_mode_none",
            with(
                mocked(kTask, "not JSON"),
                [](auto& made) { made.mock->validation = FieldValidation::none; }
            ),
            kInvalid,
            "Mocked result must be valid JSON"},
        Row{"wrong_type",
            mocked(kTask, R"({"StatusCode":"200"})"),
            kInvalid,
            "Mock result schema validation error: Field 'StatusCode' must be a number"},
        Row{"map_no_array", mocked(kMap, "{}"), kInvalid, "Mocked result must be an array."},
        Row{"cause_is_not_below",
            with(
                mocked(kMap, "[]"),
                [](auto& made) { made.configuration.error_caused_by_state = "Z"; }
            ),
            kInvalid,
            "State not found in definition"},
        Row{"more_failures_than_iterations",
            with(
                mocked(kMap, "[]"),
                [](auto& made) {
                    made.input = "[1]";
                    made.configuration.map_iteration_failure_count = 2;
                }
            ),
            kInvalid,
            "Map iteration failure count must be less than or equal to the number of Map "
            "iterations"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

struct ContextRow {
    const char* name;
    const char* context;
    std::string what;
    const char* definition = kTask;
};

void PrintTo(const ContextRow& row, std::ostream* to) {
    *to << row.name;
}

class RefusedContext : public ::testing::TestWithParam<ContextRow> {};

TEST_P(RefusedContext, SaysWhatIsWrongWithIt) {
    testing::FakeWorld world;
    const auto& row = GetParam();
    const auto outcome = test_state(in_context(row.definition, row.context), world, {});
    const auto* const refusal = std::get_if<Refusal>(&outcome);
    if (row.what.empty()) {
        EXPECT_EQ(refusal, nullptr) << refusal->message;
        return;
    }
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(*refusal, (Refusal{kInvalid, row.what}));
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    RefusedContext,
    ::testing::Values(
        ContextRow{"empty", "{}", ""},
        ContextRow{"no_json", "{", about_context("Context object must be valid JSON")},
        ContextRow{"no_object", "[]", about_context("Context object must be a JSON object")},
        ContextRow{
            "map",
            R"({"Map":{}})",
            about_context("'Map' field is not supported when mocking a Context object")},
        ContextRow{"unknown", R"({"Other":{}})", about_context("Field 'Other' is not allowed")},
        ContextRow{
            "unknown_inside",
            R"({"State":{"Other":1}})",
            about_context("Field 'Other' is not allowed")},
        ContextRow{
            "section_is_no_object", R"({"State":1})", about_context("State must be an object")},
        ContextRow{
            "no_text", R"({"Execution":{"Id":1}})", about_context("Execution.Id must be a string")},
        ContextRow{
            "no_integer",
            R"({"State":{"RetryCount":"1"}})",
            about_context("State.RetryCount must be an integer")},
        ContextRow{"any_input", R"({"Execution":{"Input":[1]}})", ""},
        ContextRow{
            "task_of_a_plain_task",
            R"({"Task":{"Token":"t"}})",
            about_context("Context object contains 'Task' when state is not a Task state with a "
                          "'.sync' or '.waitForTaskToken' service integration pattern")},
        ContextRow{"task_of_a_token_task", R"({"Task":{"Token":"t"}})", "", kToken}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::flow
