#include "flow/tests/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;

constexpr const char* kTask =
    R"("Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:a")";

std::string two_steps() {
    return fmt::format(
        R"({{"StartAt":"A","States":{{"A":{{"Type":"Pass","Result":1,"Next":"T"}},"T":{{{},"End":true}}}}}})",
        kTask
    );
}

TEST(Stop, hasNoPreviousEventAndCancelsTheTask) {
    Play play{two_steps(), "{}"};
    const auto task = play.tasks.at(0);
    EXPECT_TRUE(play.hand_in(Stop{"E", "C"}));
    EXPECT_EQ(play.lines().back(), "6<-0 ExecutionAborted");
    EXPECT_THAT(play.cancelled, ElementsAre(task.task));
    EXPECT_EQ(to_string(play.execution.status), "ABORTED");
    EXPECT_FALSE(play.hand_in(Stop{}));
    EXPECT_FALSE(play.hand_in(TaskSucceeded{task.frame, task.task, payload("1")}));
    EXPECT_EQ(play.ended, 1);
}

TEST(MachineTimeout, endsTheExecution) {
    Play play{
        R"({"TimeoutSeconds":5,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}})",
        "{}"};
    play.run();
    EXPECT_EQ(to_string(play.execution.status), "TIMED_OUT");
    EXPECT_EQ(to_string(play.history.back().type), "ExecutionTimedOut");
    EXPECT_FALSE(play.execution.error) << "AWS tells the status alone";
}

TEST(HistoryLimit, failsTheExecutionWithTheLastEventThatIsAllowed) {
    Limits limits;
    limits.events = 25;
    Play play{
        R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"C"},
        "C":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"E"}],"Default":"A"},"E":{"Type":"Succeed"}}})",
        "{}",
        limits};
    EXPECT_EQ(play.history.size(), 25U);
    EXPECT_EQ(to_string(play.history.back().type), "ExecutionFailed");
    EXPECT_EQ(
        play.execution.cause, "The execution reached the maximum number of history events (25)."
    );
    EXPECT_FALSE(play.hand_in(Redrive{}));
}

TEST(HistoryLimit, isKeptByAStopOfMany) {
    Limits limits;
    limits.events = 60;
    Play play{
        fmt::format(
            R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","End":true,"ItemProcessor":{{"StartAt":"T","States":{{"T":{{{},"End":true}}}}}}}}}}}})",
            kTask
        ),
        json_text(json::array(15, json::value(1))),
        limits};
    ASSERT_TRUE(play.running());
    play.hand_in(Stop{});
    EXPECT_LE(play.history.size(), 60U);
    EXPECT_EQ(to_string(play.history.back().type), "ExecutionAborted");
    EXPECT_EQ(play.cancelled.size(), 15U);
}

TEST(Redrive, goesOnWithTheFailedTask) {
    Play play{two_steps(), "{}"};
    play.fail_task("E1", "");
    ASSERT_FALSE(play.running());
    EXPECT_TRUE(play.hand_in(Redrive{}));
    play.succeed_task("\"done\"");
    const auto lines = play.lines();
    EXPECT_THAT(
        std::vector(lines.begin() + 7, lines.end()),
        ElementsAre(
            "8<-7 ExecutionFailed",
            "9<-8 ExecutionRedriven",
            "10<-9 ActivityScheduled",
            "11<-10 ActivityStarted",
            "12<-11 ActivitySucceeded",
            "13<-12 TaskStateExited",
            "14<-13 ExecutionSucceeded"
        )
    );
    EXPECT_EQ(play.output(), "\"done\"");
    EXPECT_FALSE(play.execution.error.has_value());
    EXPECT_FALSE(play.hand_in(Redrive{}));
}

TEST(Redrive, keepsTheResultsOfIterationsThatSucceeded) {
    Play play{
        fmt::format(
            R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","End":true,"MaxConcurrency":1,"ItemProcessor":{{"StartAt":"T","States":{{"T":{{{},"End":true}}}}}}}}}}}})",
            kTask
        ),
        "[1,2,3]"};
    play.succeed_task("10");
    play.fail_task("E1", "");
    ASSERT_FALSE(play.running());
    play.hand_in(Redrive{});
    EXPECT_EQ(*play.tasks.at(0).parameters, json::value(2));
    play.succeed_task("20");
    play.succeed_task("30");
    EXPECT_EQ(play.output(), "[10,20,30]");
}

TEST(Redrive, givesRetriesBack) {
    Play play{
        fmt::format(
            R"({{"StartAt":"T","States":{{"T":{{{},"End":true,"Retry":[{{"ErrorEquals":["E1"],"MaxAttempts":1}}]}}}}}})",
            kTask
        ),
        "{}"};
    for (int round = 0; round < 2; ++round) {
        play.fail_task("E1", "");
        play.wait();
        play.fail_task("E1", "");
        EXPECT_FALSE(play.running());
        play.hand_in(Redrive{});
    }
    EXPECT_TRUE(play.running());
    EXPECT_EQ(play.execution.redrives, 2);
}

TEST(StepsAtOnce, leaveTheRestToGoOn) {
    auto limits = Limits{};
    limits.steps_at_once = 1;
    auto execution = new_execution(facts_of(machine(two_steps()), payload("{}"), {}));
    FakeWorld world;
    const auto first = advance(execution, Begin{}, world, limits);
    ASSERT_EQ(first.effects.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<Unfinished>(first.effects[0]));
    const auto second = advance(execution, GoOn{}, world, limits);
    EXPECT_TRUE(std::holds_alternative<ScheduleTask>(second.effects.at(0)));
    EXPECT_FALSE(advance(execution, GoOn{}, world, limits).accepted);
}

}  // namespace
}  // namespace kiln::flow::testing
