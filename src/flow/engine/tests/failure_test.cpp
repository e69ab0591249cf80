#include "flow/engine/tests/engine_fixture.hpp"

namespace kiln::flow::testing {
namespace {

TEST_F(EngineTest, AStartThatDidNotReachTheDiskIsRefusedAndLeavesNothing) {
    const auto work = machine(kTask);
    store_.set_failing(true);
    EXPECT_EQ(refusal(try_start(spec(work, "n"))), "InternalFailure");
    store_.set_failing(false);
    advance(seconds{2});
    const auto arn = start(work, "n", "1");
    EXPECT_EQ(take().input, "1");
    EXPECT_EQ(describe(arn).row.input, "1");
}

TEST_F(EngineTest, AReportThatDidNotReachTheDiskCanBeMadeAgain) {
    const auto arn = start(machine(kTask));
    const auto task = take();
    store_.set_failing(true);
    EXPECT_EQ(refusal(succeed(task.token)), "InternalFailure");
    store_.set_failing(false);
    EXPECT_EQ(refusal(succeed(task.token, "8")), "");
    EXPECT_EQ(end_of(arn).output, "8");
}

TEST_F(EngineTest, ATimerThatDidNotReachTheDiskFiresAgain) {
    const auto arn = start(machine(kWait));
    auto ended = watch(arn);
    store_.set_failing(true);
    advance(seconds{100});
    EXPECT_EQ(refusal(try_start(spec(machine(kPass)))), "InternalFailure");
    store_.set_failing(false);
    EXPECT_FALSE(ended.ready());
    advance(seconds{2});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.status, "SUCCEEDED");
}

TEST_F(EngineTest, ACallsReportThatDidNotReachTheDiskIsNotLost) {
    const auto arn = start(machine(kCall));
    auto ended = watch(arn);
    const auto report = runner_.at(0).second;
    store_.set_failing(true);
    report({.what = TaskReport::What::succeeded, .output = std::make_shared<const json::value>(9)});
    EXPECT_EQ(refusal(try_start(spec(machine(kPass)))), "InternalFailure");
    store_.set_failing(false);
    advance(seconds{2});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.output, "9");
    EXPECT_EQ(runner_.size(), 1U);
}

TEST_F(EngineTest, ATaskThatWasNotGivenOutDurablyWaitsOn) {
    (void)start(machine(kTask), "", "5");
    (void)stop("arn:of:nobody");
    store_.set_failing(true);
    EXPECT_EQ(refusal(poll().get()), "InternalFailure");
    store_.set_failing(false);
    advance(seconds{2});
    EXPECT_EQ(take().input, "5");
}

}  // namespace
}  // namespace kiln::flow::testing
