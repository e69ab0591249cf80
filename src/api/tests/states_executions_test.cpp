// Executions, tasks and Map Runs, as far as the API has to do with them: what it asks the engine,
// and how it shows what the engine tells.

#include "api/tests/states_conversation.hpp"

namespace kiln::api::states::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Executions : public Conversation {
  protected:
    std::string start(const json::object& more = {}) {
        json::object input{{"stateMachineArn", machine_}};
        for (const auto& member : more) {
            input[member.key()] = member.value();
        }
        return std::string{done("StartExecution", input).at("executionArn").as_string()};
    }

    std::string machine_ = create({{"publish", true}});
};

TEST_F(Executions, AnExecutionIsStartedOfWhatTheMachineIsNow) {
    const auto answer = done(
        "StartExecution",
        {{"stateMachineArn", machine_},
         {"name", "e"},
         {"input", "{\"a\": 1}"},
         {"traceHeader", "Root=1"}}
    );
    EXPECT_EQ(answer.at("executionArn").as_string(), kPrefix + "execution:m:e");
    EXPECT_EQ(answer.at("startDate").as_double(), 1'700'000'000.125);
    ASSERT_EQ(script().started.size(), 1U);
    const auto& spec = script().started[0];
    EXPECT_EQ(spec.name, "e");
    EXPECT_EQ(spec.input, "{\"a\": 1}");
    EXPECT_EQ(spec.trace_header, "Root=1");
    EXPECT_EQ(spec.machine.arn, machine_);
    EXPECT_EQ(spec.machine.version, "");
    EXPECT_EQ(spec.machine.role_arn, "role");
    EXPECT_FALSE(spec.machine.express);
    ASSERT_TRUE(spec.machine.machine);
    EXPECT_EQ(spec.machine.machine->top.states[0].name, "A");
}

TEST_F(Executions, WithoutAnInputItIsAnEmptyObject) {
    start();
    EXPECT_EQ(script().started[0].input, "{}");
    EXPECT_EQ(script().started[0].name, "");
}

TEST_F(Executions, AnAliasStartsTheVersionThatChanceTells) {
    const json::array routes{{{"stateMachineVersionArn", machine_ + ":1"}, {"weight", 100}}};
    done("CreateStateMachineAlias", {{"name", "live"}, {"routingConfiguration", routes}});
    start({{"stateMachineArn", machine_ + ":live"}});
    EXPECT_EQ(script().started[0].machine.version, machine_ + ":1");
    EXPECT_EQ(script().started[0].machine.alias, machine_ + ":live");
    EXPECT_EQ(script().started[0].machine.arn, machine_);
}

struct BadInput {
    std::string name;
    std::string input;
    std::string why;
};

class BadInputs : public Executions, public ::testing::WithParamInterface<BadInput> {};

TEST_P(BadInputs, AreRefusedInWordsOfAws) {
    EXPECT_EQ(
        refusal("StartExecution", {{"stateMachineArn", machine_}, {"input", GetParam().input}}),
        "InvalidExecutionInput: Invalid State Machine Execution Input: '" + GetParam().why + "'"
    );
    EXPECT_THAT(script().started, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    BadInputs,
    ::testing::Values(
        BadInput{"Empty", "", "Invalid execution input."},
        BadInput{
            "AWord",
            "not some json",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
            "'null', 'true' or 'false')"},
        BadInput{
            "SingleQuotes",
            "{'not': 'json'",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(Executions, ABadStartIsRefused) {
    EXPECT_EQ(
        refusal("StartExecution", {{"stateMachineArn", machine_}, {"name", "a b"}}),
        "InvalidName: Invalid Name: 'a b'"
    );
    EXPECT_EQ(
        refusal("StartExecution", {{"stateMachineArn", machine_ + ":9"}}),
        "StateMachineDoesNotExist: State Machine Does Not Exist: '" + machine_ + ":9'"
    );
    start({{"name", "e"}});
    EXPECT_EQ(
        refusal("StartExecution", {{"stateMachineArn", machine_}, {"name", "e"}}),
        "ExecutionAlreadyExists: Execution Already Exists: '" + kPrefix + "execution:m:e'"
    );
}

TEST_F(Executions, AnExpressMachineIsStartedAndAnsweredAtItsEnd) {
    const auto express = create({{"name", "fast"}, {"type", "EXPRESS"}});
    const auto answer = done(
        "StartSyncExecution", {{"stateMachineArn", express}, {"name", "e"}, {"input", R"({"a":1})"}}
    );
    EXPECT_EQ(answer.at("executionArn").as_string(), kPrefix + "express:fast:e:id");
    EXPECT_EQ(answer.at("stateMachineArn").as_string(), express);
    EXPECT_EQ(answer.at("status").as_string(), "SUCCEEDED");
    EXPECT_EQ(answer.at("output").as_string(), R"({"a":1})");
    EXPECT_EQ(answer.at("outputDetails"), parse_json(R"({"included": true})"));
    EXPECT_EQ(
        answer.at("billingDetails"),
        parse_json(R"({"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 200})")
    );
    EXPECT_FALSE(answer.contains("redriveCount"));
    EXPECT_EQ(
        refusal("StartSyncExecution", {{"stateMachineArn", machine_}}),
        "StateMachineTypeNotSupported: This operation is not supported by this type of state "
        "machine"
    );
}

TEST_F(Executions, OfAnExpressMachineThereIsNoRecord) {
    const auto express = create({{"name", "fast"}, {"type", "EXPRESS"}});
    const auto arn = start({{"stateMachineArn", express}});
    for (const auto* const operation :
         {"DescribeExecution",
          "GetExecutionHistory",
          "StopExecution",
          "RedriveExecution",
          "DescribeStateMachineForExecution"}) {
        EXPECT_EQ(
            refusal(operation, {{"executionArn", arn}}),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'"
        ) << operation;
    }
    EXPECT_THAT(
        refusal("ListExecutions", {{"stateMachineArn", express}}),
        HasSubstr("StateMachineTypeNotSupported")
    );
}

TEST_F(Executions, AnExecutionIsDescribed) {
    const auto arn = start({{"name", "e"}, {"stateMachineArn", machine_ + ":1"}});
    auto expected = parse_json(R"({
        "name": "e", "status": "SUCCEEDED",
        "startDate": 1700000000.125, "stopDate": 1700000000.226,
        "input": "{}", "inputDetails": {"included": true},
        "output": "{}", "outputDetails": {"included": true},
        "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"})")
                        .as_object();
    expected["executionArn"] = arn;
    expected["stateMachineArn"] = machine_;
    expected["stateMachineVersionArn"] = machine_ + ":1";
    EXPECT_EQ(done("DescribeExecution", {{"executionArn", arn}}), expected);
    const auto metadata =
        done("DescribeExecution", {{"executionArn", arn}, {"includedData", "METADATA_ONLY"}});
    EXPECT_FALSE(metadata.contains("input"));
    EXPECT_FALSE(metadata.contains("output"));
    EXPECT_EQ(metadata.at("inputDetails"), parse_json(R"({"included": false})"));
}

TEST_F(Executions, AnExecutionThatIsNotThereIsRefused) {
    const auto arn = kPrefix + "execution:m:none";
    for (const auto* const operation :
         {"DescribeExecution",
          "GetExecutionHistory",
          "StopExecution",
          "ListMapRuns",
          "DescribeStateMachineForExecution"}) {
        EXPECT_EQ(
            refusal(operation, {{"executionArn", arn}}),
            "ExecutionDoesNotExist: Execution Does Not Exist: '" + arn + "'"
        ) << operation;
        EXPECT_EQ(
            refusal(operation, {{"executionArn", "nonsense"}}),
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: nonsense'"
        ) << operation;
    }
}

TEST_F(Executions, TheMachineOfAnExecutionIsTheOneItWasStartedOf) {
    const auto arn = start();
    done("UpdateStateMachine", {{"stateMachineArn", machine_}, {"definition", kOtherDefinition}});
    const auto answer = done("DescribeStateMachineForExecution", {{"executionArn", arn}});
    EXPECT_EQ(answer.at("definition").as_string(), kDefinition);
    EXPECT_EQ(answer.at("stateMachineArn").as_string(), machine_);
    EXPECT_EQ(answer.at("name").as_string(), "m");
    EXPECT_EQ(answer.at("roleArn").as_string(), "role");
    EXPECT_TRUE(answer.contains("updateDate"));
    EXPECT_FALSE(answer.contains("revisionId"));
    EXPECT_FALSE(answer.contains("status"));
}

TEST_F(Executions, ListsAreNewestFirstPageByPage) {
    const auto first = start();
    const auto second = start();
    const auto third = start();
    const json::object machine{{"stateMachineArn", machine_}};
    auto input = machine;
    input["maxResults"] = 2;
    const auto page = done("ListExecutions", input);
    const auto& items = page.at("executions").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].at("executionArn").as_string(), third);
    EXPECT_EQ(items[1].at("executionArn").as_string(), second);
    EXPECT_EQ(items[0].at("redriveCount").as_int64(), 0);
    EXPECT_FALSE(items[0].as_object().contains("input"));
    auto next = machine;
    next["nextToken"] = page.at("nextToken");
    const auto rest = done("ListExecutions", next);
    ASSERT_EQ(rest.at("executions").as_array().size(), 1U);
    EXPECT_EQ(rest.at("executions").at(0).at("executionArn").as_string(), first);
    next["statusFilter"] = "FAILED";
    EXPECT_THAT(refusal("ListExecutions", next), HasSubstr("InvalidToken"))
        << "a token is good for the same filters";
}

TEST_F(Executions, ListsAskForWhatTheFiltersSay) {
    done(
        "ListExecutions",
        {{"stateMachineArn", machine_ + ":1"},
         {"statusFilter", "FAILED"},
         {"redriveFilter", "NOT_REDRIVEN"}}
    );
    ASSERT_EQ(script().filters.size(), 1U);
    const auto& filter = script().filters[0];
    EXPECT_EQ(filter.machine, machine_);
    EXPECT_EQ(filter.version, machine_ + ":1");
    EXPECT_EQ(filter.status, "FAILED");
    EXPECT_EQ(filter.redriven, false);
    EXPECT_EQ(filter.at_most, 101U);
}

TEST_F(Executions, AListIsOfAMachineOrAMapRun) {
    EXPECT_EQ(
        refusal("ListExecutions", {}),
        "ValidationException: Must provide a StateMachine ARN or MapRun ARN"
    );
    EXPECT_THAT(
        refusal("ListExecutions", {{"stateMachineArn", machine_}, {"mapRunArn", "a"}}),
        HasSubstr("not both")
    );
    EXPECT_THAT(
        refusal("ListExecutions", {{"mapRunArn", kPrefix + "mapRun:m/L:id"}}),
        HasSubstr("ResourceNotFound")
    );
    EXPECT_EQ(
        refusal("ListExecutions", {{"stateMachineArn", "invalid_state_machine_arn"}}),
        "InvalidArn: Invalid Arn: 'Invalid ARN prefix: invalid_state_machine_arn'"
    );
}

TEST_F(Executions, AHistoryIsReadUpwardsAndDownwardsPageByPage) {
    const auto arn = start();
    const auto ids = [](const json::object& page) {
        std::vector<std::int64_t> found;
        for (const auto& event : page.at("events").as_array()) {
            found.push_back(event.at("id").to_number<std::int64_t>());
        }
        return found;
    };
    const auto all = done("GetExecutionHistory", {{"executionArn", arn}});
    EXPECT_THAT(ids(all), ElementsAre(1, 2, 3, 4));
    EXPECT_FALSE(all.contains("nextToken"));
    const json::object backwards{{"executionArn", arn}, {"reverseOrder", true}, {"maxResults", 3}};
    const auto page = done("GetExecutionHistory", backwards);
    EXPECT_THAT(ids(page), ElementsAre(4, 3, 2));
    auto next = backwards;
    next["nextToken"] = page.at("nextToken");
    EXPECT_THAT(ids(done("GetExecutionHistory", next)), ElementsAre(1));
    next["reverseOrder"] = false;
    EXPECT_THAT(refusal("GetExecutionHistory", next), HasSubstr("InvalidToken"));
}

TEST_F(Executions, AHistoryIsShownWithoutDataWhereThatIsAsked) {
    const auto arn = start();
    const auto with = done("GetExecutionHistory", {{"executionArn", arn}, {"maxResults", 1}});
    EXPECT_THAT(json::serialize(with), HasSubstr(R"(\"n\":1)"));
    const auto without =
        done("GetExecutionHistory", {{"executionArn", arn}, {"includeExecutionData", false}});
    EXPECT_THAT(json::serialize(without), ::testing::Not(HasSubstr(R"(\"n\")")));
}

TEST_F(Executions, AnExecutionIsStoppedAndRedriven) {
    const auto arn = start({{"name", "e"}});
    const auto stopped =
        done("StopExecution", {{"executionArn", arn}, {"error", "E"}, {"cause", "because"}});
    EXPECT_EQ(stopped.at("stopDate").as_double(), 1'700'000'000.125);
    EXPECT_EQ(
        refusal("RedriveExecution", {{"executionArn", arn}, {"clientToken", "t"}}),
        "ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven"
    );
    EXPECT_THAT(script().calls, ElementsAre("stop " + arn + " E because", "redrive " + arn + " t"));
}

// --- Tasks.

TEST_F(Executions, APollWaitsForATaskOfAnActivityThatIsThere) {
    const auto activity =
        std::string{done("CreateActivity", {{"name", "work"}}).at("activityArn").as_string()};
    auto client = connect();
    send(
        client,
        "GetActivityTask",
        json::serialize(json::object{{"activityArn", activity}, {"workerName", "w"}})
    );
    while (polls_begun() == 0) {
        std::this_thread::yield();
    }
    EXPECT_THAT(script().calls, ElementsAre("take " + activity + " w 60000"));
    script().polls[0](flow::ActivityTask{"token", R"({"a":1})"});
    const auto answer = read(client);
    EXPECT_EQ(answer.text("taskToken"), "token");
    EXPECT_EQ(answer.text("input"), R"({"a":1})");
    EXPECT_EQ(
        refusal("GetActivityTask", {{"activityArn", kPrefix + "activity:none"}}),
        "ActivityDoesNotExist: Activity Does Not Exist: '" + kPrefix + "activity:none'"
    );
}

TEST_F(Executions, APollThatEndsWithoutATaskHasNoToken) {
    const auto activity = done("CreateActivity", {{"name", "work"}}).at("activityArn");
    auto client = connect();
    send(client, "GetActivityTask", json::serialize(json::object{{"activityArn", activity}}));
    while (polls_begun() == 0) {
        std::this_thread::yield();
    }
    script().polls[0](flow::ActivityTask{});
    EXPECT_TRUE(read(client).body.at("taskToken").is_null());
}

TEST_F(Executions, AClientThatHangsUpEndsItsPoll) {
    const auto activity = done("CreateActivity", {{"name", "work"}}).at("activityArn");
    auto client = connect();
    send(client, "GetActivityTask", json::serialize(json::object{{"activityArn", activity}}));
    while (polls_begun() == 0) {
        std::this_thread::yield();
    }
    client.hang_up();
    while (cancellations() == 0) {
        std::this_thread::yield();
    }
    EXPECT_THAT(script().cancelled, ElementsAre(1U));
}

TEST_F(Executions, TasksAreReportedByTheirTokens) {
    EXPECT_THAT(done("SendTaskSuccess", {{"taskToken", "t"}, {"output", R"({"a":1})"}}), IsEmpty());
    EXPECT_THAT(done("SendTaskFailure", {{"taskToken", "t"}, {"error", "E"}}), IsEmpty());
    EXPECT_THAT(done("SendTaskHeartbeat", {{"taskToken", "t"}}), IsEmpty());
    EXPECT_THAT(script().calls, ElementsAre(R"(succeeded {"a":1} t)", "failed E - t", "beat t"));
    EXPECT_EQ(
        refusal("SendTaskHeartbeat", {{"taskToken", "bad"}}),
        "InvalidToken: Invalid Token: 'Invalid token'"
    );
    EXPECT_THAT(
        refusal("SendTaskSuccess", {{"taskToken", "t"}, {"output", "{"}}),
        HasSubstr("InvalidOutput: Invalid Output: '")
    );
}

// --- TestState.

TEST_F(Executions, AStateIsTestedAlone) {
    const auto answer = done(
        "TestState",
        {{"definition", R"({"Type":"Pass","Result":{"a":1},"End":true})"},
         {"inspectionLevel", "DEBUG"}}
    );
    EXPECT_EQ(answer.at("status").as_string(), "SUCCEEDED");
    EXPECT_EQ(parse_json(answer.at("output").as_string()), parse_json(R"({"a": 1})"));
    EXPECT_TRUE(answer.contains("inspectionData"));
    EXPECT_THAT(
        refusal("TestState", {{"definition", "{}"}}), HasSubstr("InvalidDefinition: Invalid State")
    );
}

TEST_F(Executions, AMockStandsForTheTask) {
    const auto answer = done(
        "TestState",
        {{"definition",
          R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,
              "Parameters":{"FunctionName":"f"}})"},
         {"mock", {{"errorOutput", {{"error", "E"}, {"cause", "because"}}}}}}
    );
    EXPECT_EQ(answer.at("status").as_string(), "FAILED");
    EXPECT_EQ(answer.at("error").as_string(), "E");
    EXPECT_EQ(answer.at("cause").as_string(), "because");
}

TEST_F(Executions, ATaskIsCalledAndAnsweredAtItsEnd) {
    auto client = connect();
    send(
        client,
        "TestState",
        json::serialize(json::object{
            {"definition",
             R"({"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true,
                 "Parameters":{"QueueUrl":"q","MessageBody":"m"}})"},
            {"roleArn", "arn:aws:iam::000000000000:role/r"}})
    );
    while (!tasks_.last()) {
        std::this_thread::yield();
    }
    const auto called = tasks_.last();
    ASSERT_TRUE(called);
    EXPECT_EQ(called->first.resource.action, "sendMessage");
    called->second({.what = flow::TaskReport::What::started});
    called->second(
        {.what = flow::TaskReport::What::succeeded,
         .output = std::make_shared<const json::value>(json::object{{"MessageId", "id"}})}
    );
    const auto answer = read(client);
    EXPECT_EQ(answer.text("status"), "SUCCEEDED");
    EXPECT_EQ(parse_json(answer.text("output")), parse_json(R"({"MessageId": "id"})"));
}

// --- Map Runs.

TEST_F(Executions, AMapRunIsDescribedListedAndChanged) {
    const auto execution = start({{"name", "e"}});
    flow::MapRunView run;
    run.arn = kPrefix + "mapRun:m/L:id";
    run.execution_arn = execution;
    run.status = "RUNNING";
    run.started = TimePoint{std::chrono::seconds{5}};
    run.max_concurrency = 3;
    run.tolerated_percentage = 2.5;
    run.items.total = 9;
    run.executions.running = 1;
    script().map_runs.emplace(run.arn, run);
    const auto described = done("DescribeMapRun", {{"mapRunArn", run.arn}});
    EXPECT_EQ(described.at("executionArn").as_string(), execution);
    EXPECT_EQ(described.at("maxConcurrency").as_int64(), 3);
    EXPECT_EQ(described.at("toleratedFailurePercentage").to_number<double>(), 2.5);
    EXPECT_EQ(described.at("itemCounts").at("total").as_int64(), 9);
    EXPECT_EQ(described.at("executionCounts").at("running").as_int64(), 1);
    EXPECT_FALSE(described.contains("stopDate"));
    const auto listed = done("ListMapRuns", {{"executionArn", execution}});
    ASSERT_EQ(listed.at("mapRuns").as_array().size(), 1U);
    EXPECT_EQ(listed.at("mapRuns").at(0).at("stateMachineArn").as_string(), machine_ + "/L");
    EXPECT_THAT(done("UpdateMapRun", {{"mapRunArn", run.arn}, {"maxConcurrency", 7}}), IsEmpty());
    EXPECT_EQ(script().calls.back(), "update " + run.arn + " 7 -1 -1");
    EXPECT_EQ(
        refusal("DescribeMapRun", {{"mapRunArn", execution}}),
        "InvalidArn: Invalid Arn: 'Resource type not valid in this context: execution'"
    );
}

}  // namespace
}  // namespace kiln::api::states::testing
