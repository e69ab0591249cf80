#include "flow/tests/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;

constexpr const char* kActivity =
    R"("Resource":"arn:aws:states:us-east-1:111111111111:activity:a")";
constexpr const char* kCallback = R"("Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters":{"QueueUrl":"q","MessageBody":{"token.$":"$$.Task.Token"}})";

std::string one_task(std::string_view resource, std::string_view more = "") {
    return fmt::format(
        R"({{"StartAt":"T","States":{{"T":{{"Type":"Task",{}{},"Next":"E"}},"E":{{"Type":"Succeed"}},
        "H":{{"Type":"Pass","End":true}}}}}})",
        resource,
        more
    );
}

std::string caught_task(std::string_view resource, std::string_view more = "") {
    return one_task(
        resource, fmt::format(R"(,"Catch":[{{"ErrorEquals":["States.ALL"],"Next":"H"}}]{})", more)
    );
}

/// The definition without its handler state, which nothing leads to.
std::string plain_task(std::string_view resource, std::string_view more = "") {
    return fmt::format(
        R"({{"StartAt":"T","States":{{"T":{{"Type":"Task",{}{},"End":true}}}}}})", resource, more
    );
}

TEST(Activities, haveAwsHistory) {
    Play play{plain_task(kActivity, R"(,"TimeoutSeconds":30,"HeartbeatSeconds":10)"), R"({"a":1})"};
    EXPECT_EQ(play.tasks.at(0).token, "token-1");
    EXPECT_EQ(*play.tasks.at(0).parameters, json::value({{"a", 1}}));
    EXPECT_EQ(
        show(play.history.at(2), true).at("activityScheduledEventDetails"),
        json::value(
            {{"input", R"({"a":1})"},
             {"inputDetails", {{"truncated", false}}},
             {"resource", "arn:aws:states:us-east-1:111111111111:activity:a"},
             {"timeoutInSeconds", 30},
             {"heartbeatInSeconds", 10}}
        )
    );
    play.succeed_task(R"({"b":2})");
    EXPECT_THAT(
        play.lines(),
        ElementsAre(
            "1<-0 ExecutionStarted",
            "2<-0 TaskStateEntered",
            "3<-2 ActivityScheduled",
            "4<-3 ActivityStarted",
            "5<-4 ActivitySucceeded",
            "6<-5 TaskStateExited",
            "7<-6 ExecutionSucceeded"
        )
    );
    EXPECT_EQ(play.output(), R"({"b":2})");
}

TEST(Activities, countTheirTimeoutFromTheStartOn) {
    Play play{plain_task(kActivity, R"(,"TimeoutSeconds":30)"), "{}"};
    EXPECT_FALSE(next_timer(play.execution).has_value());
    const auto task = play.tasks.at(0);
    play.hand_in(TaskStarted{task.frame, task.task, ""});
    play.run();
    EXPECT_EQ(play.execution.error, "States.Timeout");
    EXPECT_FALSE(play.execution.cause.has_value());
    EXPECT_THAT(play.cancelled, ElementsAre(task.task));
}

TEST(Activities, thatAreNotThereFailTheExecution) {
    FakeWorld world;
    world.missing_activities = {"arn:aws:states:us-east-1:111111111111:activity:a"};
    Play play{machine(caught_task(kActivity)), payload("{}"), {}, world};
    play.hand_in(Begin{});
    EXPECT_EQ(play.execution.error, "States.Runtime");
    EXPECT_THAT(
        play.lines(),
        ElementsAre("1<-0 ExecutionStarted", "2<-0 TaskStateEntered", "3<-2 ExecutionFailed")
    );
}

TEST(Heartbeats, keepATaskAliveAndAreMatchedByTheirName) {
    Play play{
        one_task(kCallback, R"(,"HeartbeatSeconds":10,
        "Catch":[{"ErrorEquals":["States.HeartbeatTimeout"],"Next":"H"}])"),
        "{}"};
    const auto task = play.tasks.at(0);
    play.world.time += std::chrono::seconds{9};
    EXPECT_TRUE(play.hand_in(TaskBeat{task.frame, task.task}));
    play.world.time += std::chrono::seconds{9};
    EXPECT_FALSE(play.hand_in(TimerFired{task.frame, Timer::heartbeat}));
    play.run();
    EXPECT_EQ(play.output(), R"({"Error":"States.Timeout"})");
}

TEST(Callbacks, areToldTheTokenAndMayAnswerBeforeTheService) {
    Play play{plain_task(kCallback), "{}"};
    const auto task = play.take_task().value();
    EXPECT_EQ(task.parameters->at("MessageBody").at("token").as_string(), task.token);
    play.hand_in(TaskStarted{task.frame, task.task});
    EXPECT_TRUE(play.hand_in(TaskSucceeded{task.frame, task.task, payload("7")}));
    EXPECT_FALSE(play.hand_in(TaskSubmitted{task.frame, task.task, payload("{}")}));
    EXPECT_EQ(play.output(), "7");
}

TEST(Callbacks, haveAwsHistory) {
    Play play{plain_task(kCallback), "{}"};
    const auto task = play.take_task().value();
    play.hand_in(TaskStarted{task.frame, task.task});
    play.hand_in(TaskSubmitted{task.frame, task.task, payload("{}")});
    play.hand_in(TaskFailed{task.frame, task.task, "E1", std::nullopt});
    EXPECT_THAT(
        play.lines(),
        ElementsAre(
            "1<-0 ExecutionStarted",
            "2<-0 TaskStateEntered",
            "3<-2 TaskScheduled",
            "4<-3 TaskStarted",
            "5<-4 TaskSubmitted",
            "6<-5 TaskFailed",
            "7<-6 ExecutionFailed"
        )
    );
    EXPECT_EQ(
        show(play.history.at(5), true).at("taskFailedEventDetails"),
        json::value(
            {{"resourceType", "sqs"}, {"resource", "sendMessage.waitForTaskToken"}, {"error", "E1"}}
        )
    );
}

TEST(Results, thatAreTooLongFailTheTask) {
    Limits limits;
    limits.payload_bytes = 20;
    Play play{caught_task(kActivity, R"(,"Retry":[{"ErrorEquals":["Other"]}])"), "{}", limits};
    play.succeed_task(json_text(json::string(40, 'x')));
    EXPECT_EQ(to_string(play.history.at(4).type), "ActivityFailed");
    EXPECT_EQ(play.history.at(4).error, "States.DataLimitExceeded");
}

TEST(Retry, countsForEachRetrierAndThenCatches) {
    Play play{
        caught_task(kActivity, R"(,"Retry":[
        {"ErrorEquals":["E1"],"IntervalSeconds":2,"MaxAttempts":1},
        {"ErrorEquals":["E2"],"IntervalSeconds":5,"BackoffRate":3,"MaxAttempts":2}])"),
        "{}"};
    const auto pause = [&play] {
        const auto before = play.world.time;
        play.wait();
        return std::chrono::duration_cast<std::chrono::seconds>(play.world.time - before).count();
    };
    play.fail_task("E2", "");
    EXPECT_EQ(pause(), 5);
    play.fail_task("E1", "");
    EXPECT_EQ(pause(), 2);
    play.fail_task("E2", "");
    EXPECT_EQ(pause(), 15);
    play.fail_task("E1", "the last");
    EXPECT_FALSE(play.running());
    EXPECT_EQ(play.output(), R"({"Error":"E1","Cause":"the last"})");
}

TEST(Retry, showsItsCountInTheContext) {
    Play play{
        plain_task(
            kCallback,
            R"(,"Retry":[{"ErrorEquals":["States.ALL"]}],"ResultSelector":{"n.$":"$$.State.RetryCount"})"
        ),
        "{}"};
    play.fail_task("E1", "");
    play.wait();
    play.succeed_task("1");
    EXPECT_EQ(play.output(), R"({"n":1})");
}

TEST(Reports, thatAreLateOrOfAnotherTryAreRefused) {
    Play play{plain_task(kActivity, R"(,"Retry":[{"ErrorEquals":["States.ALL"]}])"), "{}"};
    const auto first = play.tasks.at(0);
    play.fail_task("E1", "");
    EXPECT_FALSE(play.hand_in(TaskSucceeded{first.frame, first.task, payload("1")}));
    play.wait();
    EXPECT_FALSE(play.hand_in(TaskSucceeded{first.frame, first.task, payload("1")}));
    EXPECT_TRUE(play.running());
    play.succeed_task("2");
    EXPECT_FALSE(play.hand_in(TaskSucceeded{first.frame, first.task, payload("1")}));
    EXPECT_EQ(play.output(), "2");
    EXPECT_EQ(play.ended, 1);
}

}  // namespace
}  // namespace kiln::flow::testing
