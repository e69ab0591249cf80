#include "release/functions.hpp"

#include "release/definition.hpp"
#include "release/tests/fake_world.hpp"
#include "release/tests/plans.hpp"
#include "release/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FunctionsTest : public ::testing::Test {
  protected:
    json::value answer(const json::object& input) { return functions.answer(input, {}); }

    /// The failure that an input ends with, "ERROR: cause".
    std::string failure(const json::object& input) {
        try {
            return "none: " + json::serialize(answer(input));
        } catch (const FunctionFailure& failure) {
            return failure.error + ": " + failure.cause;
        }
    }

    /// What PrepareToX brings.
    json::object prepare_input(const char* step, const char* version, const char* distro = "") {
        json::array names;
        for (const auto& each : plan.steps) {
            names.emplace_back(each.name);
        }
        json::object input{
            {"function", "prepare"},
            {"release",
             {{"versions", {version}},
              {"distros", json::array{}},
              {"steps", steps},
              {"mode", mode},
              {"round", 0}}},
            {"version", version},
            {"done", json::array{}},
            {"before", json::array{}},
            {"step", to_json(*plan.find(step))},
            {"activity", std::string{"arn:"} + step},
            {"plan",
             {{"name", plan.name},
              {"versions", to_json(plan.versions)},
              {"steps", names},
              {"images", {{distro, "image-of-it"}}}}}};
        if (*distro != '\0') {
            input["distro"] = distro;
        }
        return input;
    }

    Plan plan = example_plan();
    json::array steps;
    std::string mode = "normal";
    FakeProbe probe;
    FakeWorkers workers;
    FakeExecutions executions;
    std::vector<std::string> finished;
    Functions functions{probe, workers, executions, [this](const std::string& round) {
                            finished.push_back(round);
                        }};
};

TEST_F(FunctionsTest, ParseWordsIntoTheMachinesData) {
    const auto data = answer(
        {{"function", "parse"},
         {"vocabulary", to_json(vocabulary_of(plan))},
         {"input", {{"a", "ubuntu-18.04-bionic"}}},
         {"started", "2026-11-25T23:59:59.9Z"}}
    );
    EXPECT_EQ(
        json::serialize(data),
        R"({"release":{"versions":["2026.11.25"],"distros":["ubuntu-18.04-bionic"],"steps":[],)"
        R"("mode":"normal","round":0},"items":[{"version":"2026.11.25","done":[]}],"done":[],)"
        R"("before":[],"results":{}})"
    );
}

TEST_F(FunctionsTest, RefuseUnknownWordsWithoutATryMore) {
    EXPECT_THAT(
        failure(
            {{"function", "parse"},
             {"vocabulary", to_json(vocabulary_of(plan))},
             {"input", "4.26.1 ubuntu-18.04-bionc"},
             {"started", "2026-11-25T00:00:00Z"}}
        ),
        ::testing::AllOf(
            ::testing::StartsWith("Release.Invalid: "),
            HasSubstr("did you mean \"ubuntu-18.04-bionic\"?")
        )
    );
}

TEST_F(FunctionsTest, StartAWorkerForWhatIsToBeDone) {
    const auto left = answer(prepare_input("MakeSourceTarball", "4.26.1"));
    EXPECT_FALSE(left.at("skip").as_bool());
    EXPECT_EQ(left.at("taskInput").at("name").as_string(), "MakeSourceTarball-4.26.1");
    EXPECT_THAT(probe.asked, ElementsAre("object s3://hhvm-scratch/hhvm-4.26.1.tar.gz"));
    ASSERT_EQ(workers.ensured.size(), 1U);
    EXPECT_EQ(workers.ensured[0].activity, "arn:MakeSourceTarball");
    EXPECT_EQ(workers.ensured[0].worker.at("disk").as_string(), "16GiB");
    EXPECT_FALSE(workers.ensured[0].fake);
}

TEST_F(FunctionsTest, SkipWhatIsThere) {
    probe.objects = {"s3://hhvm-scratch/hhvm-4.26.1.tar.gz"};
    const auto left = answer(prepare_input("MakeSourceTarball", "4.26.1"));
    EXPECT_TRUE(left.at("skip").as_bool());
    EXPECT_THAT(
        std::string{left.at("reason").as_string()},
        HasSubstr("s3://hhvm-scratch/hhvm-4.26.1.tar.gz is there")
    );
    EXPECT_THAT(workers.ensured, IsEmpty());
}

TEST_F(FunctionsTest, AskNobodyAboutWhatIsNotAskedFor) {
    steps = {"MakeBinaryPackage"};
    EXPECT_TRUE(answer(prepare_input("MakeSourceTarball", "4.26.1")).at("skip").as_bool());
    EXPECT_THAT(probe.asked, IsEmpty());
}

TEST_F(FunctionsTest, AskByHttp) {
    const auto input = prepare_input("MakeBinaryPackage", "4.26.1", "ubuntu-18.04-bionic");
    probe.status = 200;
    EXPECT_TRUE(answer(input).at("skip").as_bool());
    probe.status = 404;
    EXPECT_FALSE(answer(input).at("skip").as_bool());
    probe.status = 503;
    EXPECT_THAT(failure(input), HasSubstr("Release.Unavailable: should_run: https://hhvm.com/"));
    EXPECT_EQ(
        probe.asked.front(), "http https://hhvm.com/api/build-status/4.26.1/ubuntu-18.04-bionic"
    );
}

TEST_F(FunctionsTest, AskByCommand) {
    const auto input = prepare_input("PublishBinaryPackages", "4.26.1");
    probe.exit_status = 1;
    EXPECT_TRUE(answer(input).at("skip").as_bool());
    probe.exit_status = 0;
    EXPECT_FALSE(answer(input).at("skip").as_bool());
    probe.exit_status = 127;
    EXPECT_THAT(failure(input), HasSubstr("exit status 127"));
    EXPECT_THAT(
        probe.environment, ::testing::Contains(::testing::Pair("PACKAGING_BRANCH", "HHVM-4.26"))
    );
}

TEST_F(FunctionsTest, StartFakeWorkersWithoutAsking) {
    mode = "fake-workers";
    EXPECT_FALSE(answer(prepare_input("MakeSourceTarball", "4.26.1")).at("skip").as_bool());
    EXPECT_THAT(probe.asked, IsEmpty());
    EXPECT_TRUE(workers.ensured.at(0).fake);
}

TEST_F(FunctionsTest, LeaveTasksToBeTakenByHand) {
    mode = "skip-workers";
    EXPECT_FALSE(answer(prepare_input("MakeSourceTarball", "4.26.1")).at("skip").as_bool());
    EXPECT_THAT(workers.ensured, IsEmpty());
}

TEST_F(FunctionsTest, TellWhatWorkersCannotBeStarted) {
    workers.error = Error{ErrorKind::exhausted, "no room"};
    EXPECT_EQ(
        failure(prepare_input("MakeSourceTarball", "4.26.1")), "Release.Unavailable: no room"
    );
    workers.error = Error{ErrorKind::invalid, "no such image"};
    EXPECT_EQ(
        failure(prepare_input("MakeSourceTarball", "4.26.1")), "Release.Invalid: no such image"
    );
}

TEST_F(FunctionsTest, AreBlockedByWhatFailedBefore) {
    auto input = prepare_input("MakeBinaryPackage", "4.26.1", "ubuntu-18.04-bionic");
    input["before"] = json::parse(
        R"([[[], {}], {"MakeSourceTarball": {"skip": false, "failure": {"Error": "E", "Cause": ""}}}])"
    );
    const auto left = answer(input);
    EXPECT_TRUE(left.at("blocked").as_bool());
    EXPECT_EQ(left.at("reason").as_string(), "MakeSourceTarball has failed");
}

json::object distros_input(const Plan& plan, json::array asked) {
    return {
        {"function", "distros"},
        {"version", "4.26.1"},
        {"release",
         {{"versions", {"4.26.1"}},
          {"distros", std::move(asked)},
          {"steps", json::array{}},
          {"mode", "normal"},
          {"round", 0}}},
        {"plan", {{"name", plan.name}, {"versions", to_json(plan.versions)}}},
        {"distros", to_json(plan.distros)}};
}

TEST_F(FunctionsTest, FindTheDistrosOfAVersionAtItsUrl) {
    probe.body = "ubuntu-20.04-focal\n# old:\nubuntu-18.04-bionic # until 5.0\n\nother-1\n";
    EXPECT_EQ(
        json::serialize(answer(distros_input(plan, {}))),
        R"({"supported":["ubuntu-18.04-bionic","ubuntu-20.04-focal"],"not_supported":[]})"
    );
    EXPECT_THAT(
        probe.asked,
        ElementsAre(
            "text https://raw.githubusercontent.com/hhvm/packaging/HHVM-4.26/CURRENT_TARGETS"
        )
    );
}

TEST_F(FunctionsTest, ReportDistrosThatAVersionDoesNotSupport) {
    probe.body = "ubuntu-20.04-focal\n";
    EXPECT_EQ(
        json::serialize(answer(distros_input(plan, {"ubuntu-22.04-jammy", "ubuntu-20.04-focal"}))),
        R"({"supported":["ubuntu-20.04-focal"],"not_supported":["ubuntu-22.04-jammy"]})"
    );
}

TEST_F(FunctionsTest, FindTheDistrosOfAVersionInThePlan) {
    plan.distros.supported.clear();
    plan.distros.known = {{"a", "", {"4.*"}}, {"b", "", {"5.*", "4.26.1"}}, {"c", "", {"*.0"}}};
    EXPECT_EQ(
        json::serialize(answer(distros_input(plan, {"c", "b", "a"}))),
        R"({"supported":["a","b"],"not_supported":["c"]})"
    );
}

TEST_F(FunctionsTest, TendWorkersUntilTheMainBranchIsOver) {
    const json::object input{
        {"function", "health"},
        {"execution", "arn:x"},
        {"steps", {json::object{{"name", "A"}, {"activity", "arn:a"}, {"script", "/s"}}}},
        {"release", prepare_input("MakeSourceTarball", "4.26.1").at("release")}};
    EXPECT_TRUE(answer(input).at("go_on").as_bool());
    EXPECT_THAT(workers.tended, ElementsAre("arn:a"));
    executions.over = {"arn:x"};
    EXPECT_FALSE(answer(input).at("go_on").as_bool());
    EXPECT_EQ(workers.tended.size(), 1U);
}

TEST_F(FunctionsTest, TellWhenTheMainBranchIsOver) {
    answer({{"function", "finish"}, {"execution", "arn:x"}, {"round", 2}});
    EXPECT_THAT(finished, ElementsAre("arn:x#2"));
}

json::object check_input(const char* status, std::int64_t redrives) {
    return {
        {"function", "check"},
        {"execution", {{"RedriveCount", redrives}}},
        {"data",
         {{"release",
           {{"versions", {"1.0.0"}},
            {"distros", json::array{}},
            {"steps", json::array{}},
            {"mode", "normal"},
            {"round", 0}}},
          {"output",
           {{"versions",
             {{"1.0.0",
               {{"steps",
                 {{"A", {{"status", "succeeded"}}},
                  {"B", {{"status", status}, {"error", "E"}}}}}}}}}}}}}};
}

TEST_F(FunctionsTest, EndAReleaseWithItsOutput) {
    const auto end = answer(check_input("skipped", 0));
    EXPECT_FALSE(end.at("again").as_bool());
    EXPECT_TRUE(end.at("output").as_object().contains("versions"));
}

TEST_F(FunctionsTest, FailAReleaseThatHasFailures) {
    EXPECT_EQ(
        failure(check_input("failed", 0)),
        "Release.StepsFailed: The following steps have failed:\nB 1.0.0: E"
    );
}

TEST_F(FunctionsTest, TakeARedrivenReleaseUpAgain) {
    const auto again = answer(check_input("failed", 1));
    EXPECT_TRUE(again.at("again").as_bool());
    EXPECT_EQ(again.at("release").at("round").as_int64(), 1);
    EXPECT_EQ(json::serialize(again.at("items")), R"([{"version":"1.0.0","done":["A"]}])");
}

struct Bad {
    const char* name;
    json::value input;
};

class BadInputs : public ::testing::TestWithParam<Bad> {};

TEST_P(BadInputs, AreRefusedForGood) {
    FakeProbe probe;
    FakeWorkers workers;
    FakeExecutions executions;
    Functions functions{probe, workers, executions, [](const std::string&) {}};
    try {
        static_cast<void>(functions.answer(GetParam().input, {}));
        FAIL() << "it was answered";
    } catch (const FunctionFailure& failure) {
        EXPECT_EQ(failure.error, errors::kInvalid);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Functions,
    BadInputs,
    ::testing::Values(
        Bad{"text", "x"},
        Bad{"none", json::object{}},
        Bad{"unknown", json::object{{"function", "x"}}},
        Bad{"prepare_nothing", json::object{{"function", "prepare"}}},
        Bad{"parse_nothing", json::object{{"function", "parse"}}},
        Bad{"distros_of_nothing", json::object{{"function", "distros"}, {"release", 1}}},
        Bad{"check_text", json::object{{"function", "check"}, {"data", "x"}}},
        Bad{"normalize_nothing", json::object{{"function", "normalize"}}}
    ),
    [](const auto& row) { return row.param.name; }
);

}  // namespace
}  // namespace kiln::release::testing
