#include "release/history.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release {
namespace {

/// A history that is written down event by event.
class History : public testing::Test {
  protected:
    std::int64_t add(const char* type, std::int64_t previous, json::object more = {}) {
        json::object event{{"id", ++last_}, {"type", type}, {"previousEventId", previous}};
        for (auto& member : more) {
            event[member.key()] = member.value();
        }
        reader.read(event);
        return last_;
    }

    std::int64_t enter(const char* name, const char* input, std::int64_t previous = 0) {
        return add(
            "TaskStateEntered",
            previous,
            {{"stateEnteredEventDetails", {{"name", name}, {"input", input}}}}
        );
    }

    void exit(const char* name, const char* output) {
        add("TaskStateExited",
            last_,
            {{"stateExitedEventDetails", {{"name", name}, {"output", output}}}});
    }

    Outcome outcome(const Instance& instance) {
        for (auto& each : reader.outcomes()) {
            if (each.instance == instance) {
                return each;
            }
        }
        return {};
    }

    HistoryReader reader{{"Build", "Publish"}};

  private:
    std::int64_t last_ = 0;
};

constexpr auto kAtD1 = R"({"version":"1.0.0","distro":"d1"})";
const Instance kBuild{"Build", "1.0.0", "d1"};

TEST_F(History, TellsWhatAStepIsAt) {
    enter("PrepareToBuild", kAtD1);
    EXPECT_EQ(outcome(kBuild).reason, "is being prepared");
    exit(
        "PrepareToBuild", R"({"version":"1.0.0","distro":"d1","results":{"Build":{"skip":false}}})"
    );
    const auto entered = enter("Build", kAtD1);
    EXPECT_EQ(outcome(kBuild).reason, "waits for a worker");
    const auto scheduled = add("ActivityScheduled", entered);
    add("ActivityStarted", scheduled, {{"activityStartedEventDetails", {{"workerName", "w"}}}});
    EXPECT_EQ(outcome(kBuild).reason, "runs");
    EXPECT_EQ(outcome(kBuild).status, Status::running);
    EXPECT_EQ(outcome(kBuild).end.at("worker").as_string(), "w");
}

TEST_F(History, TellsThatATaskIsTriedAgain) {
    const auto entered = enter("Build", kAtD1);
    const auto scheduled = add("ActivityScheduled", entered);
    const auto started = add("ActivityStarted", scheduled);
    const auto failed = add("ActivityFailed", started);
    EXPECT_EQ(outcome(kBuild).reason, "has failed; is tried again");
    const auto again = add("ActivityScheduled", failed);
    add("ActivityStarted", again);
    EXPECT_EQ(outcome(kBuild).reason, "runs");
}

TEST_F(History, TellsHowAStepEnded) {
    enter("PrepareToBuild", kAtD1);
    exit(
        "PrepareToBuild",
        R"({"version":"1.0.0","distro":"d1","results":{"Build":{"skip":true,"reason":"r"}}})"
    );
    EXPECT_EQ(outcome(kBuild).status, Status::skipped);
    enter("Publish", R"({"version":"1.0.0"})");
    exit(
        "Publish",
        R"({"version":"1.0.0","results":{"Publish":{"failure":{"Error":"E","Cause":"c"}}}})"
    );
    EXPECT_EQ(outcome({"Publish", "1.0.0", ""}).status, Status::failed);
}

TEST_F(History, TellsWhatIsNotSupported) {
    enter("GetDistrosForVersion", R"({"version":"1.0.0"})");
    exit(
        "GetDistrosForVersion",
        R"({"version":"1.0.0","results":{"GetDistrosForVersion":{"not_supported":["d0"]}}})"
    );
    EXPECT_EQ(outcome({"", "1.0.0", "d0"}).status, Status::not_supported);
}

TEST_F(History, HasTheResultsOfAReleaseThatFailed) {
    EXPECT_FALSE(reader.results());
    enter("CheckForFailures", R"({"output":{"steps":{}}})");
    ASSERT_TRUE(reader.results());
    EXPECT_EQ(json::serialize(*reader.results()), R"({"output":{"steps":{}}})");
}

TEST_F(History, TellsWhenTheMainBranchIsOver) {
    EXPECT_FALSE(reader.main_is_over());
    add("PassStateEntered", 0, {{"stateEnteredEventDetails", {{"name", "MainEnd"}}}});
    EXPECT_TRUE(reader.main_is_over());
    add("ExecutionRedriven", 0);
    EXPECT_FALSE(reader.main_is_over());
}

TEST_F(History, TellsThatNothingRunsInAReleaseThatWasStopped) {
    enter("Build", kAtD1);
    add("ExecutionAborted", 0);
    EXPECT_EQ(outcome(kBuild).status, Status::failed);
}

TEST_F(History, TakesEventsThatAreCutForWhatTheyAre) {
    add("TaskStateEntered", 0);
    add("TaskStateExited", 0, {{"stateExitedEventDetails", {{"name", "Build"}, {"output", "{\"x"}}}}
    );
    EXPECT_EQ(reader.last(), 2);
}

}  // namespace
}  // namespace kiln::release
