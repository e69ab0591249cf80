#include "flow/engine/map_run.hpp"

#include "flow/engine/tests/engine_fixture.hpp"

#include <fmt/format.h>

namespace kiln::flow::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(MapRunChildren, BeginInTheirOrderAsManyAsMay) {
    MapRunChildren children{{1, 1, 1}, {.max_concurrency = 2}};
    EXPECT_EQ(children.next(), 0);
    children.set(0, ChildState::running);
    children.set(1, ChildState::running);
    EXPECT_EQ(children.next(), std::nullopt);
    children.set(0, ChildState::succeeded);
    EXPECT_EQ(children.next(), 2);
    children.set(2, ChildState::running);
    children.set(1, ChildState::succeeded);
    EXPECT_FALSE(children.ended());
    children.set(2, ChildState::succeeded);
    EXPECT_TRUE(children.ended());
    EXPECT_EQ(children.executions().succeeded, 3);
}

struct Tolerance {
    std::string name;
    MapRunLimits limits;
    std::int64_t failed = 0;
    bool breached = false;
};

class Threshold : public ::testing::TestWithParam<Tolerance> {};

TEST_P(Threshold, IsOfItems) {
    MapRunChildren children{std::vector<std::int32_t>(10, 10), GetParam().limits};
    for (std::int64_t index = 0; index < GetParam().failed; ++index) {
        children.set(index, ChildState::failed);
    }
    EXPECT_EQ(children.breached(), GetParam().breached);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Threshold,
    ::testing::Values(
        Tolerance{"NoneFailed", {}, 0, false},
        Tolerance{"NoThreshold", {}, 1, true},
        Tolerance{"CountReached", {.tolerated_count = 20}, 2, false},
        Tolerance{"CountExceeded", {.tolerated_count = 19}, 2, true},
        Tolerance{"PercentageReached", {.tolerated_percentage = 20}, 2, false},
        Tolerance{"PercentageExceeded", {.tolerated_percentage = 20}, 3, true},
        Tolerance{"EitherExceeded", {.tolerated_count = 100, .tolerated_percentage = 10}, 2, true}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(MapRunChildren, ThatFailedRunAgain) {
    MapRunChildren children{{1, 1, 1}, {}};
    children.set(0, ChildState::succeeded);
    children.set(1, ChildState::failed);
    children.set(2, ChildState::aborted);
    children.redrive();
    EXPECT_EQ(children.executions().pending_redrive, 2);
    EXPECT_FALSE(children.breached());
    EXPECT_EQ(children.next(), 1);
    children.set(1, ChildState::running);
    EXPECT_EQ(children.next(), 2);
}

class MapRunTest : public EngineTest {
  protected:
    /// @param child  a state that is named A, as all are in these tests
    static std::string map(std::string child, const std::string& more = "") {
        child.replace(child.find('A'), 1, "Z");
        return R"("A":{"Type":"Map","Label":"L","End":true,"ItemProcessor":{"ProcessorConfig":)"
               R"({"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Z","States":{)" +
               child + "}}" + more + "}";
    }

    std::vector<ExecutionView> children(const std::string& run) {
        ports::ExecutionFilter filter;
        filter.map_run = run;
        return engine_->list(filter);
    }

    MapRunView run_of(const std::string& arn) {
        return std::get<std::vector<MapRunView>>(engine_->map_runs(arn)).at(0);
    }
};

TEST_F(MapRunTest, GivesTheResultsInTheirOrder) {
    const auto arn = start(machine(map(kPass)), "", "[3,1,2]");
    EXPECT_EQ(end_of(arn).output, "[3,1,2]");
    EXPECT_THAT(
        types(arn),
        ElementsAre(
            "ExecutionStarted",
            "MapStateEntered",
            "MapStateStarted",
            "MapRunStarted",
            "MapRunSucceeded",
            "MapStateSucceeded",
            "MapStateExited",
            "ExecutionSucceeded"
        )
    );
    const auto run = run_of(arn);
    EXPECT_THAT(run.arn, HasSubstr(":mapRun:M/L:"));
    EXPECT_EQ(run.status, "SUCCEEDED");
    EXPECT_EQ(run.executions.succeeded, 3);
    const auto all = children(run.arn);
    ASSERT_THAT(all, SizeIs(3));
    EXPECT_THAT(all[0].row.machine, HasSubstr(":stateMachine:M/L"));
    EXPECT_THAT(all[0].row.arn, HasSubstr(":execution:M/L:"));
}

TEST_F(MapRunTest, OfNoItemsGivesNone) {
    EXPECT_EQ(end_of(start(machine(map(kPass)), "", "[]")).output, "[]");
}

TEST_F(MapRunTest, BatchesItsItems) {
    const auto batched =
        map(kPass, R"(,"ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"b":1}})");
    const auto arn = start(machine(batched), "", "[1,2,3]");
    EXPECT_EQ(
        end_of(arn).output,
        R"([{"BatchInput":{"b":1},"Items":[1,2]},{"BatchInput":{"b":1},"Items":[3]}])"
    );
    EXPECT_EQ(run_of(arn).items.succeeded, 3);
    EXPECT_EQ(run_of(arn).executions.succeeded, 2);
}

TEST_F(MapRunTest, OutlivesTheProcess) {
    const auto arn = start(machine(map(kTask, R"(,"MaxConcurrency":2)")), "", "[1,2,3]");
    const auto first = take();
    restart();
    EXPECT_EQ(run_of(arn).status, "RUNNING");
    (void)succeed(first.token, "\"a\"");
    const auto second = take();
    restart();
    const auto third = take();
    (void)succeed(third.token, "\"c\"");
    (void)succeed(second.token, "\"b\"");
    EXPECT_EQ(end_of(arn).output, R"(["a","b","c"])");
}

TEST_F(MapRunTest, EndsWhenTooManyHaveFailed) {
    const auto arn = start(machine(map(kTask)), "", "[1,2]");
    const auto first = take();
    (void)take();
    (void)fail(first.token, "E");
    const auto row = end_of(arn);
    EXPECT_EQ(row.error, "States.ExceedToleratedFailureThreshold");
    EXPECT_EQ(row.cause, "The specified tolerated failure threshold was exceeded");
    const auto run = run_of(arn);
    EXPECT_EQ(run.status, "FAILED");
    EXPECT_EQ(run.executions.failed, 1);
    EXPECT_EQ(run.executions.aborted, 1);
}

TEST_F(MapRunTest, IsRedrivenWithTheChildrenThatFailed) {
    const auto arn = start(machine(map(kTask, R"(,"MaxConcurrency":1)")), "", "[1,2]");
    (void)succeed(take().token, "\"a\"");
    (void)fail(take().token, "E");
    EXPECT_EQ(end_of(arn).status, "FAILED");
    restart();
    EXPECT_EQ(refusal(redrive(arn)), "");
    (void)succeed(take().token, "\"b\"");
    EXPECT_EQ(end_of(arn).output, R"(["a","b"])");
    const auto run = run_of(arn);
    EXPECT_EQ(run.redrives, 1);
    EXPECT_EQ(run.status, "SUCCEEDED");
    EXPECT_THAT(children(run.arn), SizeIs(2));
    EXPECT_THAT(types(arn), ::testing::Contains("MapRunRedriven"));
}

TEST_F(MapRunTest, StopsItsChildrenWhenItsParentIsStopped) {
    const auto arn = start(machine(map(kTask)), "", "[1,2]");
    const auto task = take();
    (void)stop(arn);
    EXPECT_EQ(end_of(arn).status, "ABORTED");
    for (auto run = run_of(arn); run.status == "RUNNING"; run = run_of(arn)) {
        settle();
    }
    EXPECT_EQ(run_of(arn).status, "ABORTED");
    EXPECT_EQ(refusal(succeed(task.token)), "TaskTimedOut");
}

TEST_F(MapRunTest, WritesItsResults) {
    const auto writes = map(
        kPass,
        R"(,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",)"
        R"("Parameters":{"Bucket":"b","Prefix":"p"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSON"}})"
    );
    const auto arn = start(machine(writes), "", "[1,2]");
    const auto output = json::parse(end_of(arn).output).as_object();
    const auto run = run_of(arn);
    EXPECT_EQ(output.at("MapRunArn"), json::value(run.arn));
    const auto files = items_.files();
    EXPECT_EQ(files.at("SUCCEEDED_0.json"), "[1,2]");
    const auto manifest = json::parse(files.at("manifest.json"));
    EXPECT_EQ(
        manifest.at("ResultFiles").at("SUCCEEDED").at(0).at("Key").as_string(),
        "p/" + run.arn.substr(run.arn.rfind(':') + 1) + "/SUCCEEDED_0.json"
    );
    EXPECT_EQ(run.executions.results_written, 2);
}

TEST_F(MapRunTest, ReadsItsItems) {
    const auto reads = machine(map(
        kPass,
        R"(,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},)"
        R"("Parameters":{"Bucket":"b","Key":"k"}})"
    ));
    EXPECT_EQ(end_of(start(reads)).error, "States.ItemReaderFailed");
    items_.set(std::make_shared<const json::value>(json::array{1, 2}));
    EXPECT_EQ(end_of(start(reads)).output, "[1,2]");
}

TEST_F(MapRunTest, ReadsAgainWhatTheEndOfTheProcessCutOff) {
    const auto reads = machine(map(
        kPass,
        R"(,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON"},)"
        R"("Parameters":{"Bucket":"b","Key":"k"}})"
    ));
    items_.set(std::make_shared<const json::value>(json::array{1, 2}));
    auto asked = items_.begin_end();
    const auto arn = start(reads);
    asked.wait();
    engine_.reset();
    items_.begin();
    begin();
    EXPECT_EQ(end_of(arn).output, "[1,2]");
}

TEST_F(MapRunTest, WritesAgainWhatTheEndOfTheProcessCutOff) {
    const auto writes = machine(map(
        kPass,
        R"(,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",)"
        R"("Parameters":{"Bucket":"b"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSON"}})"
    ));
    auto asked = items_.begin_end();
    const auto arn = start(writes, "", "[1,2]");
    asked.wait();
    engine_.reset();
    items_.begin();
    begin();
    EXPECT_EQ(end_of(arn).status, "SUCCEEDED");
    EXPECT_EQ(items_.files().at("SUCCEEDED_0.json"), "[1,2]");
}

TEST_F(MapRunTest, ChangesItsLimitsWhileItRuns) {
    const auto arn = start(machine(map(kTask, R"(,"MaxConcurrency":1)")), "", "[1,2]");
    (void)take();
    auto second = poll();
    Answer<Done> answer;
    engine_->update_map_run(run_of(arn).arn, 2, {}, {}, answer.callback());
    EXPECT_EQ(refusal(answer.get()), "");
    EXPECT_EQ(std::get<ActivityTask>(second.get()).input, "2");
    EXPECT_EQ(run_of(arn).max_concurrency, 2);
}

}  // namespace
}  // namespace kiln::flow::testing
