#include "cli/states_api.hpp"
#include "os/files.hpp"
#include "verbs_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kMachines =
    R"({"stateMachines":[{"name":"orders","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:orders","type":"STANDARD","creationDate":0}]})";
constexpr const char* kExecution = "arn:aws:states:us-east-1:000000000000:execution:orders:o-7";

/// The verbs of state machines against a server that answers by script.
class StatesVerbs : public testing::VerbsTest {
  protected:
    void answer(const std::string& operation, const std::string& text) {
        world.states.answers[operation].push_back(text);
    }

    [[nodiscard]] const json::object& last_input() const {
        return world.states.asked.back().second;
    }
};

TEST_F(StatesVerbs, AMachineIsMadeOfAFile) {
    const auto file = folder.path() / "m.json";
    os::write_file_durably(file, "{}");
    answer("CreateStateMachine", R"({"stateMachineArn":"arn:m","creationDate":1})");
    EXPECT_EQ(run({"machine", "create", "orders", file.string(), "--type", "EXPRESS"}), 0);
    EXPECT_EQ(out, "arn:m\n");
    EXPECT_EQ(
        json::value(last_input()),
        json::value(
            {{"name", "orders"},
             {"definition", "{}"},
             {"roleArn", "arn:aws:iam::000000000000:role/kiln"},
             {"type", "EXPRESS"}}
        )
    );
}

TEST_F(StatesVerbs, AMachineIsFoundByItsName) {
    answer("ListStateMachines", kMachines);
    answer("UpdateStateMachine", R"({"updateDate":1})");
    EXPECT_EQ(run({"machine", "update", "orders", "--role", "arn:r", "--json"}), 0);
    EXPECT_EQ(
        text_in(last_input(), "stateMachineArn"),
        "arn:aws:states:us-east-1:000000000000:stateMachine:orders"
    );
    EXPECT_EQ(text_in(parse_json(out).as_object(), "updateDate"), "1970-01-01T00:00:01.000Z");
}

TEST_F(StatesVerbs, AMisspeltMachineIsToldWithTheNearest) {
    answer("ListStateMachines", kMachines);
    EXPECT_EQ(run({"machine", "show", "order"}), 4);
    EXPECT_THAT(err, HasSubstr("no state machine 'order'; did you mean \"orders\"?"));
}

TEST_F(StatesVerbs, AnUpdateOfNothingIsRefused) {
    EXPECT_EQ(run({"machine", "update", "orders"}), 2);
    EXPECT_THAT(world.states.asked, IsEmpty());
}

TEST_F(StatesVerbs, MachinesAreListedOverAllPages) {
    answer(
        "ListStateMachines",
        R"({"stateMachines":[{"name":"a","type":"EXPRESS","creationDate":0}],"nextToken":"t"})"
    );
    answer("ListStateMachines", kMachines);
    EXPECT_EQ(run({"machine", "list"}), 0);
    EXPECT_THAT(out, HasSubstr("a       EXPRESS"));
    EXPECT_THAT(out, HasSubstr("orders  STANDARD"));
    EXPECT_EQ(text_in(last_input(), "nextToken"), "t");
}

TEST_F(StatesVerbs, AnExecutionIsStartedAndItsArnPrinted) {
    answer("StartExecution", R"({"executionArn":"arn:e","startDate":1})");
    EXPECT_EQ(run({"execution", "start", "arn:m", "--input", R"({"id":7})", "--name", "o-7"}), 0);
    EXPECT_EQ(out, "arn:e\n");
    EXPECT_EQ(
        json::value(last_input()),
        json::value({{"stateMachineArn", "arn:m"}, {"input", R"({"id":7})"}, {"name", "o-7"}})
    );
}

TEST_F(StatesVerbs, AnInputThatIsNoJsonIsRefusedBeforeTheServerIsAsked) {
    EXPECT_EQ(run({"execution", "start", "arn:m", "--input", "{id:7}"}), 2);
    EXPECT_THAT(err, HasSubstr("--input"));
    EXPECT_THAT(world.states.asked, IsEmpty());
}

TEST_F(StatesVerbs, WaitingPrintsTheOutput) {
    answer("DescribeStateMachine", R"({"type":"STANDARD"})");
    answer("StartExecution", R"({"executionArn":"arn:e","startDate":1})");
    answer("DescribeExecution", R"({"status":"SUCCEEDED","output":"{\"a\":1}"})");
    EXPECT_EQ(run({"execution", "start", "arn:m", "--wait"}), 0);
    EXPECT_EQ(out, "{\"a\":1}\n");
}

TEST_F(StatesVerbs, WaitingForAFailureTellsItAndExitsOne) {
    answer("DescribeStateMachine", R"({"type":"EXPRESS"})");
    answer("StartSyncExecution", R"({"status":"FAILED","error":"E","cause":"c"})");
    EXPECT_EQ(run({"execution", "start", "arn:m", "--wait"}), 1);
    EXPECT_EQ(out, "");
    EXPECT_EQ(err, "kiln: FAILED: E: c\n");
}

TEST_F(StatesVerbs, AnExecutionIsNamedByMachineAndName) {
    answer("ListStateMachines", kMachines);
    answer("DescribeExecution", R"({"name":"o-7","status":"FAILED","error":"E"})");
    EXPECT_EQ(run({"execution", "show", "orders:o-7"}), 0);
    EXPECT_EQ(text_in(last_input(), "executionArn"), kExecution);
    EXPECT_THAT(out, HasSubstr("error:   E\n"));
    EXPECT_EQ(run({"execution", "show", "o-7"}), 2);
}

TEST_F(StatesVerbs, AHistoryIsALinePerEvent) {
    answer(
        "GetExecutionHistory",
        R"({"events":[{"id":1,"timestamp":0,"type":"ExecutionStarted","previousEventId":0},
            {"id":2,"timestamp":0,"type":"TaskFailed","previousEventId":1,
             "taskFailedEventDetails":{"error":"E","cause":"c"}}]})"
    );
    EXPECT_EQ(run({"execution", "history", kExecution}), 0);
    EXPECT_THAT(out, HasSubstr("     1  1970-01-01T00:00:00.000Z  ExecutionStarted"));
    EXPECT_THAT(out, HasSubstr("TaskFailed                 E: c\n"));
}

TEST_F(StatesVerbs, WatchingPrintsEachEventOnceUntilTheEnd) {
    answer("DescribeExecution", R"({"status":"RUNNING"})");
    answer("DescribeExecution", R"({"status":"FAILED"})");
    answer("GetExecutionHistory", R"({"events":[{"id":1,"timestamp":0,"type":"A"}]})");
    answer(
        "GetExecutionHistory",
        R"({"events":[{"id":2,"timestamp":0,"type":"B"},{"id":1,"timestamp":0,"type":"A"}]})"
    );
    EXPECT_EQ(run({"execution", "watch", kExecution, "--json"}), 1);
    EXPECT_EQ(
        out,
        "{\"id\":1,\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"type\":\"A\"}\n"
        "{\"id\":2,\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"type\":\"B\"}\n"
    );
}

TEST_F(StatesVerbs, ATaskIsTakenWithItsTokenAndInput) {
    answer("GetActivityTask", R"({"taskToken":"T","input":"{\"a\":1}"})");
    EXPECT_EQ(run({"task", "take", "arn:a", "--worker", "me"}), 0);
    EXPECT_EQ(out, "T\n{\"a\":1}\n");
    EXPECT_EQ(text_in(last_input(), "workerName"), "me");
}

TEST_F(StatesVerbs, NoTaskIsATimeOut) {
    answer("GetActivityTask", "{}");
    EXPECT_EQ(run({"task", "take", "arn:a"}), 7);
}

TEST_F(StatesVerbs, TasksAreReported) {
    answer("SendTaskSuccess", "{}");
    answer("SendTaskFailure", "{}");
    EXPECT_EQ(run({"task", "succeed", "T", "--output", "[1]"}), 0);
    EXPECT_EQ(json::value(last_input()), json::value({{"taskToken", "T"}, {"output", "[1]"}}));
    EXPECT_EQ(run({"task", "fail", "T", "--error", "E"}), 0);
    EXPECT_EQ(json::value(last_input()), json::value({{"taskToken", "T"}, {"error", "E"}}));
}

TEST_F(StatesVerbs, ADefinitionIsCheckedAndDrawnWithoutAServer) {
    const auto file = folder.path() / "m.json";
    os::write_file_durably(
        file, R"({"StartAt":"Pack","States":{"Pack":{"Type":"Pass","End":true}}})"
    );
    EXPECT_EQ(run({"machine", "validate", file.string()}), 0);
    EXPECT_EQ(out, "");
    EXPECT_EQ(run({"machine", "render", file.string()}), 0);
    EXPECT_THAT(out, HasSubstr("Pack"));
    EXPECT_EQ(run({"machine", "render", file.string(), "--format", "svg"}), 0);
    EXPECT_THAT(out, HasSubstr("<svg"));
    EXPECT_THAT(world.states.asked, IsEmpty());
}

TEST_F(StatesVerbs, WhatIsWrongWithADefinitionIsToldWithItsPlace) {
    const auto file = folder.path() / "m.json";
    os::write_file_durably(
        file, R"({"StartAt":"Pack","States":{"Pack":{"Type":"Pass","Next":"Ship"}}})"
    );
    EXPECT_EQ(run({"machine", "validate", file.string()}), 2);
    EXPECT_THAT(out, HasSubstr("ERROR MISSING_TRANSITION_TARGET: "));
    EXPECT_THAT(out, HasSubstr("/States/Pack/Next"));
    EXPECT_EQ(run({"machine", "validate", file.string(), "--json"}), 2);
    EXPECT_EQ(text_in(parse_json(out).as_object(), "result"), "FAIL");
    EXPECT_EQ(run({"machine", "render", file.string()}), 2);
}

struct KindCase {
    const char* code;
    ErrorKind kind;
};

class StatesErrors : public ::testing::TestWithParam<KindCase> {};

TEST_P(StatesErrors, HaveAKind) {
    EXPECT_EQ(states_error(GetParam().code, "m", ErrorKind::internal).kind(), GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Codes,
    StatesErrors,
    ::testing::Values(
        KindCase{"ExecutionDoesNotExist", ErrorKind::not_found},
        KindCase{"ExecutionAlreadyExists", ErrorKind::conflict},
        KindCase{"ExecutionLimitExceeded", ErrorKind::exhausted},
        KindCase{"InvalidDefinition", ErrorKind::invalid},
        KindCase{"TaskTimedOut", ErrorKind::conflict},
        KindCase{"Unheard", ErrorKind::internal}
    ),
    [](const auto& test) { return test.param.code; }
);

}  // namespace
}  // namespace kiln::cli
