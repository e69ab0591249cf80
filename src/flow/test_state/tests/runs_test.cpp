// Tested states, run: what is answered, what is shown, and calls that are gone on with.

#include "flow/test_state/test_state.hpp"
#include "flow/tests/fake_world.hpp"

#include <gmock/gmock.h>

namespace kiln::flow {
namespace {

TestStateRequest request(std::string definition, std::string input = "{}") {
    TestStateRequest made;
    made.definition = std::move(definition);
    made.input = std::move(input);
    made.level = InspectionLevel::debug;
    made.role_arn = "arn:aws:iam::111111111111:role/r";
    made.place = {"aws", "us-east-1", "111111111111"};
    return made;
}

TestStateRequest mocked(std::string definition, std::string input, std::string result) {
    auto made = request(std::move(definition), std::move(input));
    made.mock.emplace().result = std::move(result);
    return made;
}

TestStateRequest failing(std::string definition, ErrorOutput error) {
    auto made = request(std::move(definition));
    made.mock.emplace().error_output = std::move(error);
    return made;
}

json::object answer(const TestStateRequest& asked) {
    testing::FakeWorld world;
    auto outcome = test_state(asked, world, {});
    if (const auto* const refusal = std::get_if<Refusal>(&outcome)) {
        ADD_FAILURE() << refusal->code << ": " << refusal->message;
        return {};
    }
    return std::get<json::object>(std::move(outcome));
}

json::value inspected(const json::object& shown, std::string_view member) {
    const auto& data = shown.at("inspectionData").as_object();
    const auto* const value = data.if_contains(member);
    return value != nullptr ? *value : json::value("(nothing)");
}

constexpr const char* kRetried =
    R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},)"
    R"("Retry":[{"ErrorEquals":["Other"]},{"ErrorEquals":["Slow"],"IntervalSeconds":2,"BackoffRate":1.5,)"
    R"("MaxAttempts":2}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"Sorry"}],"End":true})";

TEST(TestedState, IsRetriableWhileItsRetrierHasAttemptsLeft) {
    auto asked = failing(kRetried, {"Slow", "late"});
    asked.configuration.retrier_retry_count = 1;
    const auto shown = answer(asked);
    EXPECT_EQ(shown.at("status"), "RETRIABLE");
    EXPECT_FALSE(shown.contains("nextState"));
    EXPECT_FALSE(shown.contains("output"));
    EXPECT_EQ(
        inspected(shown, "errorDetails"),
        json::parse(R"({"retryIndex":1,"retryBackoffIntervalSeconds":3})")
    );
}

TEST(TestedState, IsCaughtWhenItsRetrierHasNone) {
    auto asked = failing(kRetried, {"Slow", "late"});
    asked.configuration.retrier_retry_count = 2;
    const auto shown = answer(asked);
    EXPECT_EQ(shown.at("status"), "CAUGHT_ERROR");
    EXPECT_EQ(shown.at("nextState"), "Sorry");
    EXPECT_EQ(shown.at("error"), "Slow");
    EXPECT_EQ(
        json::parse(std::string{shown.at("output").as_string()}),
        json::parse(R"({"e":{"Error":"Slow","Cause":"late"}})")
    );
    EXPECT_EQ(inspected(shown, "errorDetails"), json::parse(R"({"retryIndex":1,"catchIndex":0})"));
}

TEST(TestedState, FailsByItsOwnDataAsAnExecutionWould) {
    const auto shown =
        answer(request(R"({"Type":"Pass","InputPath":"$.missing","End":true})", R"({"a":1})"));
    EXPECT_EQ(shown.at("status"), "FAILED");
    EXPECT_EQ(shown.at("error"), "States.Runtime");
    EXPECT_THAT(std::string{shown.at("cause").as_string()}, ::testing::HasSubstr("missing"));
    EXPECT_EQ(inspected(shown, "afterInputPath"), "(nothing)");
}

TEST(TestedState, ShowsVariablesAsTheyAreAfterwards) {
    auto asked =
        request(R"({"Type":"Pass","Assign":{"b.$":"$.x","c":3},"End":true})", R"({"x":2})");
    asked.variables = R"({"a":1,"b":0})";
    const auto variables = inspected(answer(asked), "variables");
    EXPECT_EQ(
        json::parse(std::string{variables.as_string()}), json::parse(R"({"a":1,"b":2,"c":3})")
    );
}

TEST(TestedState, OfAWaitEndsAtOnce) {
    const auto shown =
        answer(request(R"({"Type":"Wait","Seconds":300,"Next":"After"})", R"({"a":1})"));
    EXPECT_EQ(shown.at("status"), "SUCCEEDED");
    EXPECT_EQ(shown.at("nextState"), "After");
    EXPECT_EQ(shown.at("output"), R"({"a":1})");
}

TEST(TestedState, OfAMachineIsFoundInsideItsBranches) {
    auto asked = request(
        R"({"StartAt":"P","States":{"P":{"Type":"Parallel","Branches":[{"StartAt":"I","States":)"
        R"({"I":{"Type":"Pass","Result":7,"Next":"J"},"J":{"Type":"Succeed"}}}],"End":true}}})"
    );
    asked.state_name = "I";
    const auto shown = answer(asked);
    EXPECT_EQ(shown.at("output"), "7");
    EXPECT_EQ(shown.at("nextState"), "J");
    EXPECT_EQ(inspected(shown, "result"), "7");
}

constexpr const char* kMap =
    R"({"Type":"Map","ItemsPath":"$.all","ItemSelector":{"n.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},)"
    R"("ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},)"
    R"("StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"ItemBatcher":{"MaxItemsPerBatch":2},)"
    R"("ToleratedFailurePercentage":50,"End":true})";

TEST(TestedMap, ShowsWhatEachIterationAndBatchWouldGet) {
    const auto shown = answer(mocked(kMap, R"({"all":["x","y","z"]})", "[1]"));
    EXPECT_EQ(
        inspected(shown, "afterItemSelector"),
        R"([{"n":0,"v":"x"},{"n":1,"v":"y"},{"n":2,"v":"z"}])"
    );
    EXPECT_EQ(
        inspected(shown, "afterItemBatcher"),
        R"([{"Items":[{"n":0,"v":"x"},{"n":1,"v":"y"}]},{"Items":[{"n":2,"v":"z"}]}])"
    );
    EXPECT_EQ(inspected(shown, "toleratedFailurePercentage"), 50.0);
}

TEST(TestedMap, GivesEachIterationItsOwnContextObject) {
    const auto shown = answer(mocked(
        R"({"Type":"Map","QueryLanguage":"JSONata","Items":[5,6],"ItemSelector":"{% $states.context.Map %}",)"
        R"("ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},)"
        R"("Output":"{% $exists($states.context.Map) %}","End":true})",
        "{}",
        "[1,2]"
    ));
    EXPECT_EQ(
        inspected(shown, "afterItemSelector"),
        R"([{"Item":{"Index":0,"Value":5}},{"Item":{"Index":1,"Value":6}}])"
    );
    EXPECT_EQ(shown.at("output"), "false");
}

TEST(TestedMap, ReadsWhatItsReaderIsSaidToHaveRead) {
    auto asked = mocked(
        R"({"Type":"Map","QueryLanguage":"JSONata","ItemReader":{"Resource":"arn:aws:states:::s3:getObject",)"
        R"("ReaderConfig":{"InputType":"JSONL"},"Arguments":{"Bucket":"b","Key":"k"}},)"
        R"("ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},)"
        R"("ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},)"
        R"("StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},"End":true})",
        "{}",
        "[1]"
    );
    asked.configuration.map_item_reader_data = "{\"a\":1}\n\n{\"a\":2}\n";
    EXPECT_EQ(inspected(answer(asked), "afterItemSelector"), R"([{"v":{"a":1}},{"v":{"a":2}}])");
}

struct Tolerance {
    const char* name;
    std::int64_t failures;
    const char* status;
};

void PrintTo(const Tolerance& row, std::ostream* to) {
    *to << row.name;
}

class TestedMapFails : public ::testing::TestWithParam<Tolerance> {};

TEST_P(TestedMapFails, WhenMoreThanTheToleratedPartOfItsIterationsDid) {
    auto asked = mocked(kMap, R"({"all":[1,2,3,4]})", "[1]");
    asked.configuration.map_iteration_failure_count = GetParam().failures;
    EXPECT_EQ(answer(asked).at("status"), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    TestedMapFails,
    ::testing::Values(
        Tolerance{"none", 0, "SUCCEEDED"},
        Tolerance{"half", 2, "SUCCEEDED"},
        Tolerance{"more_than_half", 3, "FAILED"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

constexpr const char* kCalled =
    R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"q",)"
    R"("MessageBody.$":"$.text"},"TimeoutSeconds":9,"ResultPath":"$.sent",)"
    R"("Catch":[{"ErrorEquals":["Sqs.Gone"],"Next":"Sorry"}],"End":true})";

TEST(TestedTask, AsksForItsCallAndGoesOnWithTheResult) {
    testing::FakeWorld world;
    const auto outcome = test_state(request(kCalled, R"({"text":"hi"})"), world, {});
    const auto* const call = std::get_if<TestCall>(&outcome);
    ASSERT_NE(call, nullptr);
    EXPECT_EQ(call->resource.service, "sqs");
    EXPECT_EQ(call->resource.action, "sendMessage");
    EXPECT_EQ(*call->parameters, json::parse(R"({"QueueUrl":"q","MessageBody":"hi"})"));
    EXPECT_EQ(call->timeout_seconds, 9);
    const auto result = std::make_shared<const json::value>(json::parse(R"({"MessageId":"m"})"));
    const auto shown = finish_test(*call, result, world);
    EXPECT_EQ(shown.at("status"), "SUCCEEDED");
    EXPECT_EQ(shown.at("output"), R"({"text":"hi","sent":{"MessageId":"m"}})");
    EXPECT_EQ(inspected(shown, "result"), R"({"MessageId":"m"})");
}

TEST(TestedTask, GoesOnWithAnErrorOfItsCall) {
    testing::FakeWorld world;
    const auto outcome = test_state(request(kCalled, R"({"text":"hi"})"), world, {});
    const auto shown =
        finish_test(std::get<TestCall>(outcome), ErrorOutput{"Sqs.Gone", "no queue"}, world);
    EXPECT_EQ(shown.at("status"), "CAUGHT_ERROR");
    EXPECT_EQ(shown.at("nextState"), "Sorry");
}

TEST(TestedTask, WhoseResultIsTooLongFails) {
    testing::FakeWorld world;
    const auto outcome =
        test_state(request(kCalled, R"({"text":"hi"})"), world, {.payload_bytes = 100});
    const auto result = std::make_shared<const json::value>(std::string(200, 'x'));
    const auto shown = finish_test(std::get<TestCall>(outcome), result, world);
    EXPECT_EQ(shown.at("error"), "States.DataLimitExceeded");
}

struct Accepted {
    const char* name;
    const char* resource;
    const char* result;
};

void PrintTo(const Accepted& row, std::ostream* to) {
    *to << row.name;
}

class AcceptedMock : public ::testing::TestWithParam<Accepted> {};

TEST_P(AcceptedMock, IsTheTasksResult) {
    const auto& row = GetParam();
    const auto definition = R"({"Type":"Task","Resource":")" + std::string{row.resource} +
                            R"(","Parameters":{"A":1},"End":true})";
    const auto shown = answer(mocked(definition, "{}", row.result));
    EXPECT_EQ(shown.at("status"), "SUCCEEDED");
    EXPECT_EQ(shown.at("output"), row.result);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    AcceptedMock,
    ::testing::Values(
        Accepted{
            "payload_of_a_function_is_any_json",
            "arn:aws:states:::lambda:invoke",
            R"({"Payload":{"a":[1]},"StatusCode":200})"},
        Accepted{
            "function_called_directly", "arn:aws:lambda:us-east-1:111111111111:function:f", "7"},
        Accepted{
            "token_gives_anything", "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "[1]"},
        Accepted{
            "activity_gives_anything",
            "arn:aws:states:us-east-1:111111111111:activity:a",
            R"("x")"},
        Accepted{
            "service_without_a_table",
            "arn:aws:states:::apigateway:invoke",
            R"({"StatusCode":"any"})"},
        Accepted{
            "api_spelling_of_an_optimized_service",
            "arn:aws:states:::sqs:sendMessage",
            R"({"MD5OfMessageBody":"0","Md5OfMessageBody":1})"},
        Accepted{
            "java_spelling_of_an_sdk_service",
            "arn:aws:states:::aws-sdk:sqs:sendMessage",
            R"({"MD5OfMessageBody":1,"Md5OfMessageBody":"0"})"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

}  // namespace
}  // namespace kiln::flow
