#include "release/task.hpp"

#include "release/tests/plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

/// The example's tasks.
class Tasks : public ::testing::Test {
  protected:
    TaskFacts facts(const char* step, const char* version, const char* distro = "") {
        return {
            plan.name,
            plan.versions,
            plan.environment,
            *plan.find(step),
            {step, version, distro},
            "ubuntu:bionic",
            order};
    }

    Plan plan = example_plan();
    Order order{.versions = {"4.26.1", "4.27.0"}};
};

TEST_F(Tasks, HaveThePredecessorsVariablesInItsOrder) {
    EXPECT_THAT(
        task_environment(facts("MakeBinaryPackage", "4.26.1", "ubuntu-18.04-bionic")),
        ElementsAre(
            Pair("VERSION", "4.26.1"),
            Pair("DISTRO", "ubuntu-18.04-bionic"),
            Pair("DISTRO_IMAGE", "ubuntu:bionic"),
            Pair("IS_NIGHTLY", "false"),
            Pair("S3_BUCKET", "hhvm-scratch"),
            Pair("S3_PATH", "hhvm-4.26.1.tar.gz"),
            Pair("PACKAGING_BRANCH", "HHVM-4.26"),
            Pair("S3_SOURCE", "s3://hhvm-scratch/hhvm-4.26.1.tar.gz")
        )
    );
}

TEST_F(Tasks, OfANightlyHaveItsOwn) {
    EXPECT_THAT(
        task_environment(facts("PublishBinaryPackages", "2026.11.25")),
        ElementsAre(
            Pair("VERSION", "2026.11.25"),
            Pair("IS_NIGHTLY", "true"),
            Pair("S3_BUCKET", "hhvm-downloads"),
            Pair("S3_PATH", "source/nightlies/hhvm-nightly-2026.11.25.tar.gz"),
            Pair("PACKAGING_BRANCH", "master"),
            Pair(
                "S3_SOURCE", "s3://hhvm-downloads/source/nightlies/hhvm-nightly-2026.11.25.tar.gz"
            ),
            Pair("REPOS_ONLY", "1")
        )
    );
}

TEST_F(Tasks, OfTheRunHaveAllVersions) {
    EXPECT_THAT(
        task_environment(facts("UpdateIndices", "")), ElementsAre(Pair("VERSIONS", "4.26.1 4.27.0"))
    );
}

TEST_F(Tasks, OfATestBuildSaySoAndAreNotTriedAgain) {
    order.mode = Mode::test;
    const auto input = task_input(facts("MakeBinaryPackage", "4.26.1", "ubuntu-18.04-bionic"));
    EXPECT_EQ(input.at("env").at("SKIP_PUBLISH").as_string(), "1");
    EXPECT_EQ(input.at("error").as_string(), "TestBuildNoRetry");
}

TEST_F(Tasks, AreNamedAndKnowHowOftenTheyAreToBeat) {
    const auto input = task_input(facts("MakeSourceTarball", "4.26.1"));
    EXPECT_EQ(input.at("name").as_string(), "MakeSourceTarball-4.26.1");
    EXPECT_EQ(input.at("heartbeat").as_int64(), 20);
    EXPECT_FALSE(input.contains("error"));
}

TEST_F(Tasks, SetAVariableAgainWhereAStepSaysSo) {
    plan.environment = {{"MODE", "all"}, {"WHERE", "{{.S3_BUCKET}}/{{.MODE}}"}};
    auto step = *plan.find("MakeSourceTarball");
    step.environment = {{"MODE", "{{.Step}} {{.Major}}"}};
    const auto environment = task_environment(
        {plan.name, plan.versions, plan.environment, step, {step.name, "4.26.1", ""}, "", order}
    );
    EXPECT_THAT(environment, ::testing::Contains(Pair("MODE", "MakeSourceTarball 4")));
    EXPECT_THAT(environment, ::testing::Contains(Pair("WHERE", "hhvm-scratch/all")));
}

}  // namespace
}  // namespace kiln::release::testing
