#include "flow/tests/play.hpp"
#include "release/definition.hpp"
#include "release/functions.hpp"
#include "release/tests/fake_world.hpp"
#include "release/tests/plans.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using flow::testing::Play;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr auto kActivities = "arn:aws:states:us-east-1:111111111111:activity:";

/// The interpreter runs a plan's machine; functions answer as they do in the service; workers are
/// the test's.
class Release {
  public:
    explicit Release(Plan plan) : plan_{std::move(plan)} {}

    void start(const json::value& input) {
        const auto definition = json::serialize(generate(plan_, {.activities = kActivities}));
        play.emplace(definition, json::serialize(input));
    }

    /// Gives tasks out and takes their ends, until the end.
    void run() {
        while (play->running() && step()) {
        }
    }

    /// One of them. False: there is nothing to wait for.
    bool step() {
        if (auto task = play->take_task()) {
            give(*task);
            return true;
        }
        return end_tick() || play->wait();
    }

    /// What the last state put out.
    json::object output() const { return json::parse(play->output()).as_object(); }

    std::string cause() const { return play->execution.cause.value_or(""); }

    std::optional<Play> play;
    FakeProbe probe;
    FakeWorkers workers;
    FakeExecutions executions;
    std::map<std::string, int> failing;  ///< names of tasks that fail so often
    std::vector<std::string> done;       ///< names of tasks, in order
    std::vector<json::object> inputs;
    std::string error = "Worker.Failed";
    bool long_tails = false;

  private:
    void give(const flow::ScheduleTask& task) {
        const auto activity = task.resource->arn.substr(std::string_view{kActivities}.size());
        play->hand_in(flow::TaskStarted{task.frame, task.task, "worker"});
        if (activity.ends_with("-tick")) {
            tick_ = task;
            return;
        }
        if (activity.ends_with("-functions")) {
            answer(task);
            return;
        }
        const std::string name{task.parameters->at("name").as_string()};
        inputs.push_back(task.parameters->as_object());
        if (auto found = failing.find(name); found != failing.end() && found->second-- > 0) {
            json::object end{
                {"worker", "w"}, {"instance", "i-7"}, {"status", 2}, {"log", "the-log"}};
            if (long_tails) {
                end["tail"] = std::string(4'000, 'x');
            }
            play->hand_in(flow::TaskFailed{task.frame, task.task, error, json::serialize(end)});
            return;
        }
        done.push_back(name);
        play->hand_in(flow::TaskSucceeded{
            task.frame,
            task.task,
            flow::testing::payload(R"({"worker":"w","instance":"i-7","seconds":1.5})")});
    }

    void answer(const flow::ScheduleTask& task) {
        try {
            auto output = functions_.answer(*task.parameters, {});
            play->hand_in(flow::TaskSucceeded{
                task.frame, task.task, std::make_shared<const json::value>(std::move(output))});
        } catch (const FunctionFailure& failure) {
            play->hand_in(flow::TaskFailed{task.frame, task.task, failure.error, failure.cause});
        }
    }

    /// As the service does: the tick of a main branch that is over ends.
    bool end_tick() {
        if (!over_ || !tick_) {
            return false;
        }
        const auto task = *tick_;
        tick_.reset();
        over_ = false;
        play->hand_in(flow::TaskSucceeded{
            task.frame, task.task, flow::testing::payload(R"({"over":true})")});
        return true;
    }

    Plan plan_;
    std::optional<flow::ScheduleTask> tick_;
    bool over_ = false;
    Functions functions_{probe, workers, executions, [this](const std::string&) { over_ = true; }};
};

Plan simple_plan() {
    return steps_plan(
        "Source; Build per distro after Source; Publish after Build; Image after Build; "
        "Site per run after Publish"
    );
}

TEST(ReleaseMachine, DoesEveryStepOnceInItsOrder) {
    Release release{simple_plan()};
    release.start("1.0.0 2.0.0");
    const auto began = release.play->world.time;
    release.run();
    ASSERT_EQ(release.play->execution.status, flow::Status::succeeded) << release.cause();
    EXPECT_THAT(
        release.done,
        UnorderedElementsAre(
            "Source-1.0.0",
            "Source-2.0.0",
            "Build-1.0.0-debian-12",
            "Build-1.0.0-debian-13",
            "Build-2.0.0-debian-12",
            "Build-2.0.0-debian-13",
            "Publish-1.0.0",
            "Publish-2.0.0",
            "Image-1.0.0",
            "Image-2.0.0",
            "Site"
        )
    );
    EXPECT_EQ(release.done.back(), "Site");
    const auto output = release.output();
    EXPECT_EQ(json::serialize(output.at("summary")), R"({"succeeded":11})");
    const auto& built = output.at("versions").at("2.0.0").at("distros").at("debian-13").at("Build");
    EXPECT_EQ(
        json::serialize(built),
        R"({"status":"succeeded","worker":"w","instance":"i-7","seconds":1.5E0})"
    );
    EXPECT_EQ(release.play->world.time, began) << "it ends with its main branch, at once";
}

TEST(ReleaseMachine, DoesWhatWasAskedForAlone) {
    Release release{simple_plan()};
    release.start({"Build", "debian-13", "1.0.0"});
    release.run();
    EXPECT_THAT(release.done, ElementsAre("Build-1.0.0-debian-13"));
    EXPECT_EQ(json::serialize(release.output().at("summary")), R"({"skipped":4,"succeeded":1})");
}

TEST(ReleaseMachine, PublishesTheOthersWhenOneDistroFailsAndFailsAtTheEnd) {
    auto plan = simple_plan();
    plan.steps[2].needs = Needs::any;
    Release release{plan};
    release.failing = {{"Build-1.0.0-debian-12", 99}};
    release.start("1.0.0");
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::failed);
    EXPECT_EQ(release.play->execution.error, errors::kStepsFailed);
    EXPECT_THAT(release.done, Contains("Publish-1.0.0"));
    EXPECT_THAT(release.done, ::testing::Not(Contains("Image-1.0.0")));
    EXPECT_EQ(
        release.cause(),
        "The following steps have failed:\nBuild 1.0.0 debian-12: Worker.Failed, exit status 2, "
        "worker w, instance i-7, log the-log"
    );
}

TEST(ReleaseMachine, EndsAVersionWhoseFirstStepFailsAndNoOther) {
    Release release{simple_plan()};
    release.failing = {{"Source-1.0.0", 99}};
    release.start("1.0.0 2.0.0");
    release.run();
    EXPECT_THAT(release.done, Contains("Publish-2.0.0"));
    for (const auto& name : release.done) {
        EXPECT_THAT(name, ::testing::Not(HasSubstr("1.0.0")));
    }
}

TEST(ReleaseMachine, TriesATaskAgainAfterAMinuteAndAfterFive) {
    Release release{steps_plan("A")};
    release.failing = {{"A-1.0.0", 2}};
    release.start("1.0.0");
    const auto began = release.play->world.time;
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::succeeded);
    EXPECT_GE(release.play->world.time - began, std::chrono::minutes{6});
    EXPECT_EQ(release.inputs.size(), 3U);
}

TEST(ReleaseMachine, TriesNoTestBuildAgain) {
    auto plan = steps_plan("A");
    plan.steps[0].test = true;
    Release release{plan};
    release.start({"1.0.0", "--test"});
    while (release.inputs.empty() && release.step()) {
    }
    EXPECT_EQ(release.inputs.at(0).at("error").as_string(), errors::kTestBuild);
    Release failing{plan};
    failing.error = errors::kTestBuild;
    failing.failing = {{"A-1.0.0", 1}};
    failing.start({"1.0.0", "--test"});
    failing.run();
    EXPECT_EQ(failing.play->execution.status, flow::Status::failed);
    EXPECT_EQ(failing.inputs.size(), 1U);
}

TEST(ReleaseMachine, IsTakenUpAgainByARedrive) {
    Release release{simple_plan()};
    release.failing = {{"Build-1.0.0-debian-12", 3}};
    release.start("1.0.0");
    release.run();
    ASSERT_EQ(release.play->execution.status, flow::Status::failed);
    release.done.clear();
    ASSERT_TRUE(release.play->hand_in(flow::Redrive{}));
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::succeeded) << release.cause();
    EXPECT_THAT(
        release.done,
        UnorderedElementsAre("Build-1.0.0-debian-12", "Publish-1.0.0", "Image-1.0.0", "Site")
    );
}

TEST(ReleaseMachine, FailsWithWhatIsWrongWithItsWords) {
    Release release{simple_plan()};
    release.start("1.0.0 Pubish");
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::failed);
    EXPECT_EQ(release.play->execution.error, errors::kInvalid);
    EXPECT_THAT(release.cause(), HasSubstr("did you mean \"Publish\"?"));
}

TEST(ReleaseMachine, HasDoneEverythingAlready) {
    auto plan = simple_plan();
    for (auto& step : plan.steps) {
        step.should_run.missing = "s3://done/" + step.name;
        step.worker = {{"image", "base"}};
    }
    Release release{plan};
    for (const auto& step : plan.steps) {
        release.probe.objects.insert("s3://done/" + step.name);
    }
    release.start("1.0.0");
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::succeeded);
    EXPECT_TRUE(release.done.empty());
    EXPECT_TRUE(release.workers.ensured.empty());
    EXPECT_EQ(json::serialize(release.output().at("summary")), R"({"skipped":6})");
}

TEST(ReleaseMachine, ReportsWhatAVersionDoesNotSupport) {
    auto plan = simple_plan();
    plan.distros.known[1].versions = {"2.*"};
    Release release{plan};
    release.start("1.0.0 debian-12 debian-13");
    release.run();
    EXPECT_EQ(
        json::serialize(release.output().at("versions").at("1.0.0").at("not_supported")),
        R"(["debian-13"])"
    );
}

TEST(ReleaseMachine, GoesOnWithoutDistrosThatCannotBeFound) {
    auto plan = simple_plan();
    plan.distros.supported = "http://nowhere/{{.Version}}";
    Release release{plan};
    release.probe.unreachable = true;
    release.start("1.0.0");
    release.run();
    EXPECT_EQ(release.play->execution.status, flow::Status::failed);
    EXPECT_THAT(release.cause(), HasSubstr("GetDistrosForVersion 1.0.0: Release.Unavailable"));
    EXPECT_THAT(release.done, ElementsAre("Source-1.0.0"));
}

TEST(ReleaseMachine, OfTheExampleRuns) {
    Release release{example_plan()};
    release.probe.body = "debian-10-buster\nubuntu-22.04-jammy\n";
    release.start("4.26.1");
    release.run();
    ASSERT_EQ(release.play->execution.status, flow::Status::succeeded) << release.cause();
    EXPECT_EQ(json::serialize(release.output().at("summary")), R"({"succeeded":8})");
}

TEST(ReleaseMachine, HoldsTheDataOfManyFailuresWithinTheLimit) {
    auto plan = steps_plan("A; Build per distro after A");
    plan.distros.known.clear();
    for (int i = 0; i < 10; ++i) {
        plan.distros.known.push_back({fmt::format("debian-{}", i), "", {}});
    }
    plan.steps[1].retry.attempts = 0;
    Release release{plan};
    release.long_tails = true;
    std::string words;
    for (int i = 0; i < 20; ++i) {
        words += fmt::format("1.0.{} ", i);
        for (int d = 0; d < 10; ++d) {
            release.failing[fmt::format("Build-1.0.{}-debian-{}", i, d)] = 1;
        }
    }
    release.start(json::value(words));
    release.run();
    EXPECT_EQ(release.play->execution.error, errors::kStepsFailed);
    EXPECT_THAT(release.cause(), HasSubstr("Build 1.0.19 debian-9: Worker.Failed"));
}

}  // namespace
}  // namespace kiln::release::testing
