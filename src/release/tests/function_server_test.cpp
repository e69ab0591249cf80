#include "release/function_server.hpp"

#include "base/error.hpp"
#include "release/tests/fake_world.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Tasks as the test lays them out; the activity is gone behind the last.
class FakeTasks final : public TaskSource {
  public:
    std::optional<Task>
    take(const std::string& /*activity*/, const std::string& /*worker*/, const std::stop_token&)
        override {
        if (tasks.empty()) {
            throw Error{ErrorKind::not_found, "no such activity"};
        }
        auto task = std::move(tasks.front());
        tasks.pop_front();
        return task;
    }

    void succeed(const std::string& token, const json::value& output) override {
        said.push_back(token + " " + json::serialize(output));
    }

    void fail(const std::string& token, const FunctionFailure& failure) override {
        said.push_back(token + " " + failure.error);
    }

    bool beat(const std::string& token) override {
        beats.push_back(token);
        return !over.contains(token);
    }

    std::deque<std::optional<Task>> tasks;
    std::vector<std::string> said;
    std::vector<std::string> beats;
    std::set<std::string> over;
};

json::object tick(const char* execution, std::int64_t round = 0) {
    return {{"execution", execution}, {"round", round}};
}

TEST(Ticks, WaitForTheirExecutionsMainBranch) {
    FakeTasks tasks;
    Ticks ticks{tasks};
    ticks.keep({"t1", tick("x")});
    ticks.keep({"t2", tick("y")});
    EXPECT_THAT(tasks.said, IsEmpty());
    ticks.finish("x#0");
    EXPECT_THAT(tasks.said, ElementsAre("t1 {\"over\":true}"));
    EXPECT_EQ(ticks.size(), 1U);
}

TEST(Ticks, ThatComeLateAreEndedAtOnce) {
    FakeTasks tasks;
    Ticks ticks{tasks};
    ticks.finish("x#0");
    ticks.keep({"t1", tick("x")});
    EXPECT_THAT(tasks.said, ElementsAre("t1 {\"over\":true}"));
    EXPECT_EQ(ticks.size(), 0U);
}

TEST(Ticks, OfAnotherRoundOfTheSameExecutionWait) {
    FakeTasks tasks;
    Ticks ticks{tasks};
    ticks.finish("x#0");
    ticks.keep({"t1", tick("x", 1)});
    EXPECT_THAT(tasks.said, IsEmpty());
    EXPECT_EQ(ticks.size(), 1U);
}

TEST(Ticks, BeatUntilTheyAreOver) {
    FakeTasks tasks;
    Ticks ticks{tasks};
    ticks.keep({"t1", tick("x")});
    ticks.keep({"t2", tick("y")});
    tasks.over = {"t1"};
    ticks.beat();
    EXPECT_THAT(tasks.beats, ElementsAre("t1", "t2"));
    ticks.beat();
    EXPECT_THAT(tasks.beats, ElementsAre("t1", "t2", "t2"));
}

TEST(FunctionServer, AnswersEachTaskAndEndsWithTheActivity) {
    FakeTasks tasks;
    tasks.tasks.push_back(TaskSource::Task{
        "t1", json::object{{"function", "finish"}, {"execution", "x"}}});
    tasks.tasks.push_back(std::nullopt);
    tasks.tasks.push_back(TaskSource::Task{"t2", json::object{{"function", "other"}}});
    FakeProbe probe;
    FakeWorkers workers;
    FakeExecutions executions;
    Ticks ticks{tasks};
    Functions functions{
        probe, workers, executions, [&](const std::string& round) { ticks.finish(round); }};
    serve_functions(tasks, functions, "arn", "w", {});
    EXPECT_THAT(tasks.said, ElementsAre("t1 {\"over\":true}", "t2 Release.Invalid"));
}

TEST(FunctionServer, KeepsTicks) {
    FakeTasks tasks;
    tasks.tasks.push_back(TaskSource::Task{"t1", tick("x")});
    Ticks ticks{tasks};
    serve_ticks(tasks, ticks, "arn", "w", {});
    EXPECT_EQ(ticks.size(), 1U);
}

TEST(FunctionServer, EndsWhenItIsStopped) {
    FakeTasks tasks;
    tasks.tasks.push_back(TaskSource::Task{"t1", tick("x")});
    Ticks ticks{tasks};
    std::stop_source stop;
    stop.request_stop();
    serve_ticks(tasks, ticks, "arn", "w", stop.get_token());
    EXPECT_EQ(ticks.size(), 0U);
}

}  // namespace
}  // namespace kiln::release::testing
