#include "flow/tests/play.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;

constexpr const char* kTask =
    R"("Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:a","End":true)";

std::string parallel(std::string_view more = "") {
    return fmt::format(
        R"({{"StartAt":"P","States":{{"P":{{"Type":"Parallel","Branches":[
            {{"StartAt":"A","States":{{"A":{{{}}}}}}},
            {{"StartAt":"B","States":{{"B":{{{}}}}}}},
            {{"StartAt":"W","States":{{"W":{{"Type":"Wait","Seconds":100,"End":true}}}}}}]{},"End":true}}}}}})",
        kTask,
        kTask,
        more
    );
}

std::string map(std::string_view more = "", std::string_view state = kTask) {
    return fmt::format(
        R"({{"StartAt":"M","States":{{"M":{{"Type":"Map","ItemProcessor":{{
            "ProcessorConfig":{{"Mode":"INLINE"}},"StartAt":"I","States":{{"I":{{{}}}}}}}{},"End":true}}}}}})",
        state,
        more
    );
}

TEST(Parallel, givesTheResultsInTheOrderOfBranches) {
    Play play{parallel(), "{}"};
    play.run();
    const auto first = play.take_task().value();
    play.succeed_task("\"b\"");
    play.hand_in(TaskSucceeded{first.frame, first.task, payload("\"a\"")});
    EXPECT_EQ(play.output(), R"(["a","b",{}])");
    EXPECT_EQ(play.execution.frames.size(), 0U);
}

TEST(Parallel, endsTheOtherBranchesWithTheFirstFailure) {
    Play play{parallel(), "{}"};
    const auto other = play.tasks.at(1).task;
    play.fail_task("E1", "why");
    EXPECT_THAT(play.cancelled, ElementsAre(other));
    const auto lines = play.lines();
    EXPECT_THAT(
        std::vector(lines.begin() + 8, lines.end()),
        ElementsAre(
            "9<-5 ActivityStarted",
            "10<-9 ActivityFailed",
            "11<-10 TaskStateAborted",
            "12<-10 TaskStateAborted",
            "13<-10 WaitStateAborted",
            "14<-10 ParallelStateFailed",
            "15<-14 ExecutionFailed"
        )
    );
    EXPECT_FALSE(next_timer(play.execution).has_value());
}

TEST(Parallel, isRetriedAsAWhole) {
    Play play{parallel(R"(,"Retry":[{"ErrorEquals":["E1"],"MaxAttempts":1}])"), "{}"};
    play.fail_task("E1", "why");
    EXPECT_EQ(play.execution.frames.size(), 1U);
    play.wait();
    EXPECT_EQ(play.tasks.size(), 2U);
    play.succeed_task("1");
    play.succeed_task("2");
    play.run();
    EXPECT_EQ(play.output(), "[1,2,{}]");
}

TEST(MapInline, keepsToItsConcurrency) {
    Play play{map(R"(,"MaxConcurrency":2)"), "[1,2,3,4,5]"};
    EXPECT_EQ(play.tasks.size(), 2U);
    play.succeed_task("10");
    EXPECT_EQ(play.tasks.size(), 2U);
    for (const auto* output : {"20", "30", "40", "50"}) {
        play.succeed_task(output);
    }
    EXPECT_EQ(play.output(), "[10,20,30,40,50]");
}

TEST(MapInline, runsFortyAtOnceByItself) {
    Play play{map(), json_text(json::array(100, json::value(1)))};
    EXPECT_EQ(play.tasks.size(), 40U);
}

TEST(MapInline, hasAwsHistoryOfThingsAtOnce) {
    Play play{map(R"(,"MaxConcurrency":2)", R"("Type":"Pass","End":true)"), "[1,2,3]"};
    EXPECT_THAT(
        play.lines(),
        ElementsAre(
            "1<-0 ExecutionStarted",
            "2<-0 MapStateEntered",
            "3<-2 MapStateStarted",
            "4<-3 MapIterationStarted",
            "5<-3 MapIterationStarted",
            "6<-4 PassStateEntered",
            "7<-6 PassStateExited",
            "8<-7 MapIterationSucceeded",
            "9<-7 MapIterationStarted",
            "10<-5 PassStateEntered",
            "11<-10 PassStateExited",
            "12<-11 MapIterationSucceeded",
            "13<-9 PassStateEntered",
            "14<-13 PassStateExited",
            "15<-14 MapIterationSucceeded",
            "16<-15 MapStateSucceeded",
            "17<-15 MapStateExited",
            "18<-17 ExecutionSucceeded"
        )
    );
}

TEST(MapInline, failsWithItsFirstIterationAndAbortsTheOthers) {
    Play play{map(R"(,"MaxConcurrency":2)"), "[1,2,3]"};
    play.fail_task("E1", "why");
    const auto lines = play.lines();
    EXPECT_THAT(
        std::vector(lines.begin() + 9, lines.end()),
        ElementsAre(
            "10<-7 ActivityStarted",
            "11<-10 ActivityFailed",
            "12<-11 MapIterationFailed",
            "13<-11 TaskStateAborted",
            "14<-11 MapIterationAborted",
            "15<-11 TaskStateAborted",
            "16<-11 MapStateFailed",
            "17<-16 ExecutionFailed"
        )
    );
}

TEST(MapInline, selectsItsItems) {
    Play play{
        map(R"(,"ItemsPath":"$.list","ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","k.$":"$.kind"})",
            R"("Type":"Pass","End":true)"),
        R"({"list":["a","b"],"kind":7})"};
    EXPECT_EQ(play.output(), R"([{"i":0,"v":"a","k":7},{"i":1,"v":"b","k":7}])");
}

TEST(MapInline, whoseSelectorFailsLaterAbortsWhatRuns) {
    Play play{
        map(R"(,"MaxConcurrency":2,"ItemSelector":{"v.$":"$$.Map.Item.Value.x"})"),
        R"([{"x":1},{"x":2},{}])"};
    play.succeed_task("1");
    EXPECT_EQ(play.execution.error, "States.Runtime");
    EXPECT_EQ(play.cancelled.size(), 1U);
}

TEST(MapInline, ofNothingSucceedsAtOnce) {
    Play play{map(), "[]"};
    EXPECT_EQ(play.output(), "[]");
}

TEST(MapInline, ofTenThousandItemsIsDoneInPieces) {
    Limits limits;
    limits.events = 100'000;
    limits.payload_bytes = 1U << 20U;
    Play play{
        map("", R"("Type":"Pass","End":true)"),
        json_text(json::array(10'000, json::value(1))),
        limits};
    EXPECT_EQ(to_string(play.execution.status), "SUCCEEDED");
    EXPECT_EQ(play.history.size(), 40'006U);
}

TEST(Forks, nestToAnyDepth) {
    std::string inner = R"({"StartAt":"Last","States":{"Last":{"Type":"Pass","End":true}}})";
    for (int i = 0; i < 8; ++i) {
        inner = fmt::format(
            R"({{"StartAt":"P{0}","States":{{"P{0}":{{"Type":"Parallel","End":true,"Branches":[{1}]}}}}}})",
            i,
            inner
        );
    }
    Play play{inner, "7"};
    EXPECT_EQ(play.output(), "[[[[[[[[7]]]]]]]]");
}

}  // namespace
}  // namespace kiln::flow::testing
