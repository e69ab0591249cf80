#include "tasks/services.hpp"

#include "tasks/tests/fake_world.hpp"

#include <gmock/gmock.h>

namespace kiln::tasks {
namespace {

using What = flow::TaskReport::What;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
constexpr const char* kStarted =
    R"({"executionArn":"arn:aws:states:us-east-1:000000000000:execution:m:n","startDate":1.5})";

class Calling : public ::testing::Test {
  protected:
    Calling() {
        runner_.serve(all_services(
            {.api = api_,
             .executions = watch_,
             .bakes = bakes_,
             .pool = pool_,
             .clock = clock_,
             .transport =
                 [this](const net::ClientRequest& request, const std::stop_token&) {
                     http_.push_back(request);
                     return net::ClientResponse{200, {}, "{}"};
                 },
             .functions = {.endpoint = "http://127.0.0.1:9001", .urls = {}},
             .http = {.origins = {"api.example.com"}, .connections = {}}}
        ));
    }

    flow::TaskReport run(
        const char* service,
        const char* action,
        json::value parameters,
        asl::Pattern pattern = asl::Pattern::request_response,
        bool again = false
    ) {
        flow::TaskCall call;
        call.execution_arn = "arn:e";
        call.execution = 1;
        call.task = 1;
        call.resource = {.arn = "arn", .service = service, .action = action, .pattern = pattern};
        call.parameters = std::make_shared<const json::value>(std::move(parameters));
        call.again = again;
        runner_.run(std::move(call), reports_.sink());
        return reports_.all.back();
    }

    ports::testing::FakeClock clock_;
    testing::ScriptedApi api_;
    testing::ManualWatch watch_;
    testing::FakeBakes bakes_;
    std::vector<net::ClientRequest> http_;
    testing::Reports reports_;
    Runner runner_;
    CallPool pool_{1, 4};
};

// --- states:startExecution

TEST_F(Calling, AnExecutionIsStartedWithItsInputAsText) {
    api_.succeed(kStarted);
    const auto report =
        run("states",
            "startExecution",
            {{"StateMachineArn", kMachine}, {"Input", {{"a", 1}}}, {"Name", "n"}});
    EXPECT_EQ(api_.asked.at(0).operation, "StartExecution");
    EXPECT_EQ(
        json::value(api_.asked.at(0).input),
        json::value({{"input", R"({"a":1})"}, {"name", "n"}, {"stateMachineArn", kMachine}})
    );
    ASSERT_EQ(report.what, What::succeeded);
    EXPECT_EQ(report.output->at("StartDate"), 1500);
    EXPECT_EQ(
        report.output->at("SdkHttpMetadata").at("HttpHeaders").at("Date"),
        "Thu, 01 Jan 2026 00:00:00 GMT"
    );
    EXPECT_EQ(report.output->at("SdkResponseMetadata").at("RequestId"), "R");
}

TEST_F(Calling, AnExecutionWithoutANameHasOneThatIsTheSameNextTime) {
    const json::value parameters{{"StateMachineArn", kMachine}};
    api_.succeed(kStarted);
    run("states", "startExecution", parameters);
    flow::TaskCall call;
    call.execution_arn = "arn:e";
    call.task = 1;
    const auto& name = api_.asked.at(0).input.at("name").as_string();
    EXPECT_EQ(std::string_view{name}, task_uuid(call));
    call.task = 2;
    EXPECT_NE(std::string_view{name}, task_uuid(call));
}

TEST_F(Calling, AMachineThatIsNotThereIsToldAsAwsDoes) {
    api_.fail(
        "StateMachineDoesNotExist", "StateMachineDoesNotExist", "State Machine Does Not Exist: 'm'"
    );
    const auto report = run("states", "startExecution", {{"StateMachineArn", "m"}});
    EXPECT_EQ(report.error, "StepFunctions.StateMachineDoesNotExistException");
    EXPECT_EQ(
        report.cause,
        "State Machine Does Not Exist: 'm' (Service: AWSStepFunctions; Status Code: 400; Error "
        "Code: StateMachineDoesNotExist; Request ID: R; Proxy: null)"
    );
}

TEST_F(Calling, AnExecutionThatAnEarlierRunStartedIsFound) {
    api_.fail("ExecutionAlreadyExists", "ExecutionAlreadyExists", "exists");
    api_.succeed(R"({"executionArn":"arn:x","startDate":2,"input":"{}","status":"SUCCEEDED"})");
    const auto report =
        run("states",
            "startExecution",
            {{"StateMachineArn", kMachine}, {"Name", "n"}},
            asl::Pattern::request_response,
            true);
    ASSERT_EQ(report.what, What::succeeded);
    EXPECT_EQ(report.output->at("ExecutionArn"), "arn:x");
    EXPECT_EQ(
        api_.asked.at(1).input.at("executionArn"),
        "arn:aws:states:us-east-1:000000000000:execution:m:n"
    );
}

TEST_F(Calling, AnExecutionOfThatNameByOthersIsNotTakenForIt) {
    api_.fail("ExecutionAlreadyExists", "ExecutionAlreadyExists", "exists");
    api_.succeed(R"({"executionArn":"arn:x","startDate":2,"input":"{\"other\":1}"})");
    const auto report =
        run("states",
            "startExecution",
            {{"StateMachineArn", kMachine}, {"Name", "n"}},
            asl::Pattern::request_response,
            true);
    EXPECT_EQ(report.error, "StepFunctions.ExecutionAlreadyExistsException");
}

TEST_F(Calling, ASyncExecutionEndsWithItsDescription) {
    api_.succeed(kStarted);
    EXPECT_EQ(
        run("states", "startExecution", {{"StateMachineArn", kMachine}}, asl::Pattern::sync).what,
        What::submitted
    );
    api_.succeed(R"({"executionArn":"x","status":"SUCCEEDED","output":"{\"a\":1}","stopDate":2,
                     "redriveCount":0})");
    watch_.watched.at(0).second();
    const auto& end = reports_.all.back();
    ASSERT_EQ(end.what, What::succeeded);
    EXPECT_EQ(
        *end.output,
        json::value(
            {{"ExecutionArn", "x"},
             {"Output", R"({"a":1})"},
             {"Status", "SUCCEEDED"},
             {"StopDate", 2000}}
        )
    );
}

TEST_F(Calling, TheSecondSyncHasTheOutputAsJson) {
    api_.succeed(kStarted);
    run("states", "startExecution", {{"StateMachineArn", kMachine}}, asl::Pattern::sync2);
    api_.succeed(R"({"executionArn":"x","status":"SUCCEEDED","output":"{\"a\":1}"})");
    watch_.watched.at(0).second();
    EXPECT_EQ(reports_.all.back().output->at("Output"), json::value({{"a", 1}}));
}

TEST_F(Calling, AChildsFailureIsTheTasks) {
    api_.succeed(kStarted);
    run("states", "startExecution", {{"StateMachineArn", kMachine}}, asl::Pattern::sync);
    api_.succeed(R"({"executionArn":"x","status":"FAILED","error":"E","cause":"c"})");
    watch_.watched.at(0).second();
    EXPECT_EQ(reports_.all.back().error, "States.TaskFailed");
    EXPECT_EQ(
        reports_.all.back().cause,
        R"({"Cause":"c","Error":"E","ExecutionArn":"x","Status":"FAILED"})"
    );
}

TEST_F(Calling, ACancelledTaskStopsItsChild) {
    api_.succeed(kStarted);
    run("states", "startExecution", {{"StateMachineArn", kMachine}}, asl::Pattern::sync);
    runner_.cancel(1, 1);
    EXPECT_EQ(api_.asked.back().operation, "StopExecution");
}

// --- sqs:sendMessage

constexpr const char* kQueue = "http://localhost/000000000000/q";

TEST_F(Calling, AMessageIsSentWithItsBodyAsText) {
    api_.succeed(R"({"MessageId":"i","MD5OfMessageBody":"m"})");
    const auto report = run(
        "sqs", "sendMessage", {{"QueueUrl", kQueue}, {"MessageBody", {{"a", 1}}}, {"Unknown", 1}}
    );
    EXPECT_EQ(
        json::value(api_.asked.at(0).input),
        json::value({{"MessageBody", R"({"a":1})"}, {"QueueUrl", kQueue}})
    );
    EXPECT_EQ(report.output->at("MessageId"), "i");
    EXPECT_EQ(report.output->at("SdkHttpMetadata").at("HttpStatusCode"), 200);
}

TEST_F(Calling, AMessageWithATokenIsSubmitted) {
    api_.succeed(R"({"MessageId":"i"})");
    EXPECT_EQ(
        run("sqs", "sendMessage", {{"QueueUrl", kQueue}}, asl::Pattern::wait_for_task_token).what,
        What::submitted
    );
}

TEST_F(Calling, WhatSqsRefusesIsToldAsAwsDoes) {
    api_.fail(
        "MissingRequiredParameterException",
        "MissingParameter",
        "The request must contain the parameter MessageBody."
    );
    const auto report = run("sqs", "sendMessage", {{"QueueUrl", kQueue}});
    EXPECT_EQ(report.error, "SQS.AmazonSQSException");
    EXPECT_EQ(
        report.cause,
        "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: "
        "400; Error Code: MissingParameter; Request ID: R; Proxy: null)"
    );
}

TEST_F(Calling, AUrlThatIsNoQueuesIsNotReached) {
    const auto report = run("sqs", "sendMessage", {{"QueueUrl", "https://elsewhere"}});
    EXPECT_EQ(report.error, "SQS.SdkClientException");
    EXPECT_THAT(*report.cause, StartsWith("Unable to execute HTTP request: elsewhere"));
    EXPECT_TRUE(api_.asked.empty());
}

// --- aws-sdk

TEST_F(Calling, TheSdkIntegrationHasCapitalMembersAndIsoTimes) {
    api_.succeed(kStarted);
    const auto report =
        run("aws-sdk:sfn", "startExecution", {{"StateMachineArn", kMachine}, {"Input", nullptr}});
    EXPECT_EQ(api_.asked.at(0).operation, "StartExecution");
    EXPECT_FALSE(api_.asked.at(0).input.contains("input"));
    EXPECT_EQ(report.output->at("StartDate"), "1970-01-01T00:00:01.500Z");
}

TEST_F(Calling, TheSdkNamesErrorsAfterTheService) {
    api_.fail("InvalidToken", "InvalidToken", "Invalid Token: 'Invalid token'");
    const auto report =
        run("aws-sdk:sfn", "sendTaskSuccess", {{"TaskToken", "x"}, {"Output", "y"}});
    EXPECT_EQ(report.error, "Sfn.InvalidTokenException");
    EXPECT_EQ(
        report.cause,
        "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: R) (SDK "
        "Attempt Count: 1)"
    );
}

TEST_F(Calling, TheSdkHasABaseClassForOtherErrors) {
    api_.fail("SerializationException", "", "bad");
    EXPECT_EQ(run("aws-sdk:sqs", "sendMessage", json::object{}).error, "Sqs.SqsException");
}

TEST_F(Calling, TheSdkSpellsSumsInItsWay) {
    api_.succeed(R"({"MD5OfMessageBody":"m","Messages":[{"MD5OfBody":"n"}]})");
    const auto report = run("aws-sdk:sqs", "receiveMessage", {{"QueueUrl", kQueue}});
    EXPECT_EQ(
        *report.output, json::parse(R"({"Md5OfMessageBody":"m","Messages":[{"Md5OfBody":"n"}]})")
    );
}

// --- lambda, http, kiln

TEST_F(Calling, AFunctionIsInvoked) {
    run("lambda", "invoke", {{"FunctionName", "f"}, {"Payload", {{"a", 1}}}});
    EXPECT_EQ(reports_.end().output->at("Payload"), json::value(json::object{}));
    EXPECT_THAT(http_.at(0).url, HasSubstr("/functions/f/invocations"));
}

TEST_F(Calling, AnHttpTaskIsCarriedOut) {
    run("http", "invoke", {{"Method", "GET"}, {"ApiEndpoint", "https://api.example.com/x"}});
    EXPECT_EQ(reports_.end().output->at("StatusCode"), 200);
    EXPECT_EQ(http_.at(0).url, "https://api.example.com/x");
}

TEST_F(Calling, ABakeIsSubmittedUnderAKeyOfTheTask) {
    run("kiln", "bake", {{"name", "web"}});
    EXPECT_EQ(reports_.end().output->at("id"), "bake-1");
    EXPECT_EQ(bakes_.requests.at(0).first, R"({"name":"web"})");
    EXPECT_EQ(bakes_.requests.at(0).second.size(), 36U);
}

TEST_F(Calling, ASyncBakeEndsWithItsImage) {
    run("kiln", "bake", {{"name", "web"}}, asl::Pattern::sync);
    EXPECT_EQ(reports_.end().output->at("image"), "ami-1");
    EXPECT_EQ(reports_.all.at(1).what, What::submitted);
}

TEST_F(Calling, ABakeThatFailsIsTheTasksFailure) {
    bakes_.outcome = {false, {{"id", "bake-1"}, {"state", "failed"}}};
    run("kiln", "bake", {{"name", "web"}}, asl::Pattern::sync);
    EXPECT_EQ(reports_.end().error, "States.TaskFailed");
    EXPECT_THAT(*reports_.end().cause, HasSubstr("failed"));
}

}  // namespace
}  // namespace kiln::tasks
