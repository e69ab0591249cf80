#include "flow/engine/tests/engine_fixture.hpp"

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(EngineTest, AnExecutionRunsToItsEnd) {
    const auto arn = start(machine(kPass), "one", R"({"a":1})");
    EXPECT_EQ(arn, "arn:aws:states:us-east-1:000000000000:execution:M:one");
    const auto row = end_of(arn);
    EXPECT_EQ(row.status, "SUCCEEDED");
    EXPECT_EQ(row.output, R"({"a":1})");
    EXPECT_THAT(
        types(arn),
        ElementsAre("ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded")
    );
    EXPECT_TRUE(disk_.frames(row.number).empty());
}

TEST_F(EngineTest, TheSameNameAndInputIsTheSameExecutionWhileItRuns) {
    const auto work = machine(kTask);
    const auto arn = start(work, "n", R"({"a":1})");
    EXPECT_EQ(start(work, "n", R"({ "a" : 1 })"), arn);
    EXPECT_EQ(refusal(try_start(spec(work, "n", "2"))), "ExecutionAlreadyExists");
    restart();
    EXPECT_EQ(start(work, "n", R"({"a":1})"), arn);
    (void)stop(arn);
    const auto again = try_start(spec(work, "n", R"({"a":1})"));
    EXPECT_EQ(
        std::get<Refusal>(again),
        (Refusal{"ExecutionAlreadyExists", "Execution Already Exists: '" + arn + "'"})
    );
}

TEST_F(EngineTest, NoMoreExecutionsAreOpenThanMay) {
    settings_.most_open = 1;
    restart();
    const auto waits = machine(kWait);
    (void)start(waits);
    EXPECT_EQ(refusal(try_start(spec(waits))), "ExecutionLimitExceeded");
}

TEST_F(EngineTest, AWorkerGetsTheTaskAndItsReportEndsTheExecution) {
    auto waiting = poll();
    const auto arn = start(machine(kTask), "", R"({"x":2})");
    const auto task = std::get<ActivityTask>(waiting.get());
    EXPECT_EQ(task.input, R"({"x":2})");
    EXPECT_EQ(refusal(succeed(task.token, "[3]")), "");
    EXPECT_EQ(end_of(arn).output, "[3]");
    const auto late = succeed(task.token);
    EXPECT_EQ(
        std::get<Refusal>(late),
        (Refusal{"TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"})
    );
}

TEST_F(EngineTest, TasksAreGivenOutInTheirOrderAndOnce) {
    const auto work = machine(kTask);
    (void)start(work, "", "1");
    advance(seconds{1});
    (void)start(work, "", "2");
    EXPECT_EQ(take().input, "1");
    EXPECT_EQ(take().input, "2");
    auto third = poll();
    advance(seconds{60});
    EXPECT_EQ(std::get<ActivityTask>(third.get()).token, "");
}

TEST_F(EngineTest, APollEndsWhenItIsCancelledOrTheEngineEnds) {
    auto first = poll();
    engine_->cancel(ticket_);
    EXPECT_EQ(std::get<ActivityTask>(first.get()).token, "");
    auto second = poll();
    engine_->release_polls();
    EXPECT_EQ(std::get<ActivityTask>(second.get()).token, "");
    EXPECT_EQ(take().token, "");
    restart();
    auto third = poll();
    engine_.reset();
    EXPECT_EQ(std::get<ActivityTask>(third.get()).token, "");
}

TEST_F(EngineTest, ATokenThatIsNoneIsRefused) {
    (void)start(machine(kTask));
    auto token = take().token;
    EXPECT_LE(token.size(), 2048U);
    for (const auto& bad : {std::string{}, std::string{"x"}, token + "A", "A" + token.substr(1)}) {
        const auto result = succeed(bad);
        if (bad != token) {
            EXPECT_EQ(
                std::get<Refusal>(result),
                (Refusal{"InvalidToken", "Invalid Token: 'Invalid token'"})
            );
        }
    }
    EXPECT_EQ(refusal(succeed(token, "{")), "InvalidOutput");
    EXPECT_EQ(refusal(succeed(token)), "");
}

TEST_F(EngineTest, TokensOutliveTheProcess) {
    const auto arn = start(machine(kTask));
    const auto task = take();
    restart();
    EXPECT_EQ(refusal(succeed(task.token)), "");
    EXPECT_EQ(end_of(arn).status, "SUCCEEDED");
}

TEST_F(EngineTest, ATaskThatWaitsOutlivesTheProcess) {
    (void)start(machine(kTask), "", R"({"x":2})");
    restart();
    EXPECT_EQ(take().input, R"({"x":2})");
}

TEST_F(EngineTest, ATimerFiresWhenItsTimeHasComeAndNotBefore) {
    const auto arn = start(machine(kWait));
    auto ended = watch(arn);
    advance(seconds{99});
    EXPECT_EQ(refusal(stop("arn:of:nobody")), "ExecutionDoesNotExist");  // all before is done
    EXPECT_FALSE(ended.ready());
    advance(seconds{1});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.status, "SUCCEEDED");
}

TEST_F(EngineTest, TheWallClockSetForwardFiresNothing) {
    const auto arn = start(machine(kWait));
    auto ended = watch(arn);
    wall_.advance(hours{1});
    engine_->wake();
    (void)stop("arn:of:nobody");
    EXPECT_FALSE(ended.ready());
    advance(seconds{100});
    const auto row = std::get<ExecutionView>(ended.get()).row;
    EXPECT_EQ(*row.stopped - row.started, hours{1} + seconds{100});
}

TEST_F(EngineTest, TimersOutliveTheProcess) {
    const auto arn = start(machine(kWait));
    engine_.reset();
    wall_.advance(seconds{40});
    begin();
    auto ended = watch(arn);
    advance(seconds{59});
    (void)stop("arn:of:nobody");
    EXPECT_FALSE(ended.ready());
    advance(seconds{1});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.status, "SUCCEEDED");
}

TEST_F(EngineTest, AMissedHeartbeatEndsATask) {
    const auto arn = start(machine(
        R"("A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:work","HeartbeatSeconds":10,"End":true})"
    ));
    const auto task = take();
    advance(seconds{9});
    EXPECT_EQ(refusal(beat(task.token)), "");
    advance(seconds{9});
    EXPECT_EQ(refusal(beat(task.token)), "");
    advance(seconds{10});
    EXPECT_EQ(*end_of(arn).error, "States.Timeout");
    EXPECT_EQ(refusal(beat(task.token)), "TaskTimedOut");
}

TEST_F(EngineTest, AnExecutionThatIsNotInMemoryGoesOn) {
    settings_.cached_bytes = 0;
    restart();
    const auto arn = start(machine(kTask), "", R"({"x":2})");
    const auto task = take();
    (void)stop("arn:of:nobody");
    EXPECT_EQ(engine_->counters().cached, 0U);
    EXPECT_EQ(refusal(succeed(task.token, "5")), "");
    EXPECT_EQ(end_of(arn).output, "5");
}

TEST_F(EngineTest, AStopEndsAnExecutionAndItsTask) {
    const auto arn = start(machine(kCall));
    (void)runner_.at(0);
    EXPECT_EQ(refusal(stop(arn)), "");
    const auto row = end_of(arn);
    EXPECT_EQ(row.status, "ABORTED");
    EXPECT_EQ(row.error, "E");
    EXPECT_THAT(runner_.cancelled(), ElementsAre(1));
    EXPECT_EQ(std::get<TimePoint>(stop(arn)), *row.stopped);
}

TEST_F(EngineTest, ACallIsRunAndItsReportsAreHistory) {
    const auto arn = start(machine(kCall));
    const auto [call, report] = runner_.at(0);
    EXPECT_EQ(call.resource.service, "sqs");
    EXPECT_FALSE(call.again);
    report({.what = TaskReport::What::started});
    report(
        {.what = TaskReport::What::succeeded, .output = std::make_shared<const json::value>("yes")}
    );
    EXPECT_EQ(end_of(arn).output, R"("yes")");
    EXPECT_THAT(
        types(arn),
        ElementsAre(
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        )
    );
}

TEST_F(EngineTest, ACallThatHadBegunIsRunAgainAfterARestart) {
    const auto arn = start(machine(kCall));
    const auto first = runner_.at(0).first;
    restart();
    const auto [again, report] = runner_.at(1);
    EXPECT_TRUE(again.again);
    EXPECT_EQ(again.task, first.task);
    EXPECT_EQ(*again.parameters, *first.parameters);
    report({.what = TaskReport::What::failed, .error = "E", .cause = "C"});
    EXPECT_EQ(*end_of(arn).error, "E");
}

TEST_F(EngineTest, ARedriveGoesOnFromTheFailedState) {
    const auto arn = start(machine(kTask));
    EXPECT_EQ(refusal(redrive(arn)), "ExecutionNotRedrivable");
    (void)fail(take().token, "E");
    EXPECT_EQ(end_of(arn).status, "FAILED");
    EXPECT_EQ(describe(arn).redrive_status, "REDRIVABLE");
    const auto before = history(arn).size();
    restart();
    const auto first = redrive(arn, "token");
    EXPECT_EQ(refusal(first), "");
    advance(seconds{1});
    EXPECT_EQ(std::get<TimePoint>(redrive(arn, "token")), std::get<TimePoint>(first));
    EXPECT_EQ(refusal(redrive(arn, "other")), "ExecutionNotRedrivable");
    (void)succeed(take().token, "7");
    EXPECT_EQ(end_of(arn).output, "7");
    const auto view = describe(arn);
    EXPECT_EQ(view.redrives, 1);
    EXPECT_EQ(view.redriven, std::get<TimePoint>(first));
    EXPECT_EQ(view.redrive_status_reason, "Execution is SUCCEEDED and cannot be redriven");
    EXPECT_EQ(history(arn).at(before).type, HistoryType::execution_redriven);
    EXPECT_EQ(refusal(redrive(arn)), "ExecutionNotRedrivable");
}

TEST_F(EngineTest, AnExpressExecutionIsGoneWhenItHasEnded) {
    auto express = spec(machine(kPass), "n");
    express.machine.express = true;
    const auto arn = std::get<StartedExecution>(try_start(std::move(express))).arn;
    EXPECT_THAT(arn, HasSubstr(":express:M:n:"));
    EXPECT_EQ(end_of(arn).status, "SUCCEEDED");
    EXPECT_EQ(refusal(engine_->describe(arn)), "ExecutionDoesNotExist");
}

TEST_F(EngineTest, AnExpressExecutionEndsAfterFiveMinutes) {
    auto express = spec(machine(kCall));
    express.machine.express = true;
    const auto arn = std::get<StartedExecution>(try_start(std::move(express))).arn;
    auto ended = watch(arn);
    advance(minutes{5});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.status, "TIMED_OUT");
}

TEST_F(EngineTest, ExecutionsOfADeletedMachineEndAtTheirNextTransition) {
    const auto two = machine(
        R"("A":{"Type":"Wait","Seconds":5,"Next":"B"},"B":{"Type":"Wait","Seconds":5,"End":true})"
    );
    const auto arn = start(two);
    const auto name = spec(two).machine.arn;
    EXPECT_EQ(engine_->open_executions(name), 1U);
    engine_->machine_deleted(name);
    auto ended = watch(arn);
    advance(seconds{5});
    EXPECT_EQ(std::get<ExecutionView>(ended.get()).row.status, "ABORTED");
    EXPECT_EQ(refusal(stop("arn:of:nobody")), "ExecutionDoesNotExist");
    EXPECT_EQ(engine_->open_executions(name), 0U);
}

TEST_F(EngineTest, ClosedExecutionsAreKeptForAWhile) {
    const auto arn = start(machine(kPass));
    (void)end_of(arn);
    advance(settings_.kept - hours{1});
    (void)stop("arn:of:nobody");
    EXPECT_EQ(describe(arn).row.status, "SUCCEEDED");
    advance(hours{2});
    (void)stop("arn:of:nobody");
    (void)stop("arn:of:nobody");
    EXPECT_EQ(refusal(engine_->describe(arn)), "ExecutionDoesNotExist");
}

TEST_F(EngineTest, HistoryComesInPagesBothWays) {
    const auto arn = start(machine(kPass));
    (void)end_of(arn);
    const auto ids = [&](std::optional<EventId> from, bool reverse) {
        const auto page = std::get<HistoryPage>(engine_->history(arn, from, 3, reverse));
        std::vector<EventId> ids;
        for (const auto& event : page.events) {
            ids.push_back(event.id);
        }
        ids.push_back(page.next.value_or(0));
        return ids;
    };
    EXPECT_THAT(ids({}, false), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(ids(4, false), ElementsAre(4, 0));
    EXPECT_THAT(ids({}, true), ElementsAre(4, 3, 2, 1));
    EXPECT_THAT(ids(1, true), ElementsAre(1, 0));
}

}  // namespace
}  // namespace kiln::flow::testing
