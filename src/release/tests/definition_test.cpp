#include "release/definition.hpp"

#include "asl/parse.hpp"
#include "release/tests/plans.hpp"

#include <functional>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::release::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Resources kResources{.activities = "arn:aws:states:us-east-1:111111111111:activity:"};

/// Every state of a definition by name; a name that is there twice fails.
std::map<std::string, json::object> states_of(const json::object& definition) {
    std::map<std::string, json::object> all;
    const std::function<void(const json::object&)> walk = [&](const json::object& group) {
        for (const auto& [name, state] : group.at("States").as_object()) {
            EXPECT_TRUE(all.emplace(name, state.as_object()).second) << name;
            if (const auto* branches = state.as_object().if_contains("Branches")) {
                for (const auto& branch : branches->as_array()) {
                    walk(branch.as_object());
                }
            }
            if (const auto* processor = state.as_object().if_contains("ItemProcessor")) {
                walk(processor->as_object());
            }
        }
    };
    walk(definition);
    return all;
}

std::vector<std::string> faults_of(const json::object& definition) {
    std::vector<std::string> out;
    for (const auto& diagnostic : asl::parse_definition(json::serialize(definition)).diagnostics) {
        out.push_back(diagnostic.code + " " + diagnostic.message + " at " + diagnostic.location);
    }
    return out;
}

TEST(Definition, OfTheExampleIsValid) {
    EXPECT_THAT(faults_of(generate(example_plan(), kResources)), IsEmpty());
}

TEST(Definition, OfTheExampleHasThePredecessorsStates) {
    const auto states = states_of(generate(example_plan(), kResources));
    for (const auto* name :
         {"ParseInput",
          "Root",
          "ForEachVersion",
          "PrepareToMakeSourceTarball",
          "ShouldMakeSourceTarball",
          "MakeSourceTarball",
          "GetPlatformsForVersion",
          "ForEachPlatform",
          "PrepareToMakeBinaryPackage",
          "ShouldMakeBinaryPackage",
          "MakeBinaryPackage",
          "PlatformEnd",
          "PrepareToPublishBinaryPackages",
          "ShouldPublishBinaryPackages",
          "PublishBinaryPackages",
          "PublishSourceTarballAndPublishDockerImages",
          "PublishSourceTarball",
          "PublishSourceTarballEnd",
          "PublishDockerImages",
          "PublishDockerImagesEnd",
          "VersionNormalizeResults",
          "VersionEnd",
          "UpdateIndicesAndInvalidateCloudFront",
          "UpdateIndices",
          "InvalidateCloudFront",
          "NormalizeResults",
          "CheckForFailures",
          "HealthCheckWait",
          "HealthCheck",
          "ShouldHealthCheck",
          "HealthCheckEnd"}) {
        EXPECT_TRUE(states.contains(name)) << name;
    }
}

TEST(Definition, HasThePredecessorsRetriesAndTimes) {
    const auto states = states_of(generate(example_plan(), kResources));
    const auto& function = states.at("PrepareToMakeSourceTarball");
    EXPECT_EQ(
        json::serialize(function.at("Retry").as_array().at(1)),
        R"({"ErrorEquals":["States.ALL"],"IntervalSeconds":5,"MaxAttempts":5,"BackoffRate":2E0})"
    );
    const auto& task = states.at("MakeBinaryPackage");
    EXPECT_EQ(
        json::serialize(task.at("Retry")),
        R"([{"ErrorEquals":["TestBuildNoRetry","Kiln.NoWorkers"],"MaxAttempts":0},)"
        R"({"ErrorEquals":["States.ALL"],"IntervalSeconds":60,"MaxAttempts":2,"BackoffRate":5E0}])"
    );
    EXPECT_EQ(task.at("TimeoutSeconds").as_int64(), 4 * 3600);
    EXPECT_EQ(
        task.at("Resource").as_string(),
        "arn:aws:states:us-east-1:111111111111:activity:hhvm-make-binary-package"
    );
    EXPECT_EQ(states.at("HealthCheckWait").at("TimeoutSeconds").as_int64(), 300);
}

TEST(Definition, LetsNoFailureLeaveABranch) {
    const auto states = states_of(generate(example_plan(), kResources));
    for (const auto& [name, state] : states) {
        const auto type = state.at("Type").as_string();
        const bool works = type == "Task" || type == "Map" || type == "Parallel";
        const bool may_fail = name == "ParseInput" || name == "Root" ||
                              name == "NormalizeResults" || name == "CheckForFailures";
        EXPECT_EQ(state.contains("Catch"), works && !may_fail) << name;
    }
}

TEST(Definition, WaitsWithoutATaskWhereNobodyHoldsIt) {
    auto resources = kResources;
    resources.tick = false;
    resources.functions = "arn:aws:lambda:us-east-1:111111111111:function:releases";
    const auto definition = generate(example_plan(), resources);
    EXPECT_THAT(faults_of(definition), IsEmpty());
    EXPECT_EQ(states_of(definition).at("HealthCheckWait").at("Type").as_string(), "Wait");
    EXPECT_THAT(activities_of(example_plan(), resources), ::testing::SizeIs(7));
}

TEST(Definition, NamesTheActivitiesThatItNeeds) {
    EXPECT_THAT(
        activities_of(steps_plan("MakeIt; R per run"), kResources),
        ElementsAre("p-make-it", "p-r", "p-functions", "p-tick")
    );
}

struct Row {
    const char* name;
    const char* steps;
};

class Valid : public ::testing::TestWithParam<Row> {};

TEST_P(Valid, WhateverTheOrderOfSteps) {
    const auto definition = generate(steps_plan(GetParam().steps), kResources);
    EXPECT_THAT(faults_of(definition), IsEmpty());
    for (const auto& [name, state] : states_of(definition)) {
        EXPECT_LE(name.size(), 80U);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Definition,
    Valid,
    ::testing::Values(
        Row{"one", "A"},
        Row{"run_only", "R per run"},
        Row{"run_around", "R per run; A after R; S per run after A; B after S; T per run after B"},
        Row{"rounds_of_distros", "A per distro; B after A; C per distro after B; D after C"},
        Row{"parallel_in_parallel",
            "A; B after A; C after A; D after B; E after B; F after D E; G after C F"},
        Row{"distros_beside_distros",
            "V; W; A per distro after V; B per distro after W; C after A"},
        Row{"distros_in_branches", "A per distro; B after A; C per distro after B; X; Y after X"},
        Row{"run_beside", "A; R per run; S per run after R"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(Definition, OfALargePlanIsWithinAwsLimit) {
    constexpr std::size_t kLimit = 1U << 20;
    std::string steps = "S0";
    for (int i = 1; i < 100; ++i) {
        steps += fmt::format("; S{} per distro after S{}", i, i - 1);
    }
    const auto definition = generate(steps_plan(steps), kResources);
    EXPECT_THAT(faults_of(definition), IsEmpty());
    EXPECT_LT(json::serialize(definition).size(), kLimit);
}

}  // namespace
}  // namespace kiln::release::testing
