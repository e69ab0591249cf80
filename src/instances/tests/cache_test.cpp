#include "instances/cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ports::Instance machine(const std::string& id, int launched, ports::Tags tags = {}) {
    ports::Instance made;
    made.id = InstanceId::trusted(id);
    made.state = ports::InstanceState::running;
    made.launched = TimePoint{std::chrono::seconds{launched}};
    made.tags = std::move(tags);
    return made;
}

std::vector<std::string> ids(const std::vector<SeenInstance>& seen) {
    std::vector<std::string> all;
    for (const auto& one : seen) {
        all.push_back(one->instance.id.str());
    }
    return all;
}

void fill(Cache& cache) {
    cache.replace(
        {machine("i-1", 1, {{"env", "prod"}, {"site", "org"}, {"role", "web"}, {"queue", "a"}}),
         machine("i-2", 2, {{"env", "prod"}, {"site", "com"}}),
         machine("i-3", 3, {{"env", "test"}, {"site", "org"}})},
        {{"i-2", "down"}},
        TimePoint{Duration{5}},
        cache.mark()
    );
}

struct Row {
    std::string name;
    ListFilter filter;
    std::vector<std::string> ids;
};

class FilterRow : public ::testing::TestWithParam<Row> {};

TEST_P(FilterRow, ListsNewestFirst) {
    Cache cache;
    fill(cache);
    EXPECT_EQ(ids(cache.list(GetParam().filter)), GetParam().ids);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    FilterRow,
    ::testing::Values(
        Row{"All", {}, {"i-3", "i-2", "i-1"}},
        Row{"ByEnv", {.env = "prod"}, {"i-2", "i-1"}},
        Row{"BySite", {.site = "org"}, {"i-3", "i-1"}},
        Row{"ByTwo", {.env = "prod", .site = "org"}, {"i-1"}},
        Row{"ByRole", {.role = "web"}, {"i-1"}},
        Row{"ByQueue", {.queue = "a"}, {"i-1"}},
        Row{"ByNothingInCommon", {.env = "test", .queue = "a"}, {}},
        Row{"ByUnknown", {.env = "none"}, {}},
        Row{"ByEmpty", {.role = ""}, {"i-3", "i-2"}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Cache, IsStaleBeforeItsFirstLookAndAfterAFailedOne) {
    Cache cache;
    EXPECT_TRUE(cache.freshness().stale);
    EXPECT_FALSE(cache.freshness().as_of);
    fill(cache);
    EXPECT_FALSE(cache.freshness().stale);
    cache.mark_stale("no route");
    EXPECT_TRUE(cache.freshness().stale);
    EXPECT_EQ(cache.freshness().why, "no route");
    EXPECT_EQ(cache.freshness().as_of, TimePoint{Duration{5}});
    EXPECT_EQ(cache.size(), 3U);
}

TEST(Cache, KnowsWhatAMachineIsToBe) {
    Cache cache;
    fill(cache);
    EXPECT_EQ(cache.find("i-2")->expected_state, "down");
    EXPECT_EQ(cache.find("i-1")->expected_state, "up");
    cache.put(machine("i-2", 2));
    EXPECT_EQ(cache.find("i-2")->expected_state, "down");
    cache.put(machine("i-2", 2), "up");
    EXPECT_EQ(cache.find("i-2")->expected_state, "up");
    EXPECT_EQ(cache.find("i-9"), nullptr);
}

TEST(Cache, AMachineThatIsPutAgainIsThereOnceByItsNewTags) {
    Cache cache;
    fill(cache);
    cache.put(machine("i-1", 1, {{"env", "test"}}));
    EXPECT_THAT(ids(cache.list({.env = "prod"})), ElementsAre("i-2"));
    EXPECT_THAT(ids(cache.list({.env = "test"})), ElementsAre("i-3", "i-1"));
    EXPECT_EQ(cache.size(), 3U);
}

TEST(Cache, WhatEndsIsNotInIt) {
    Cache cache;
    fill(cache);
    auto ending = machine("i-1", 1);
    ending.state = ports::InstanceState::shutting_down;
    cache.put(ending);
    EXPECT_EQ(cache.find("i-1"), nullptr);
    EXPECT_THAT(cache.list({.role = "web"}), IsEmpty());
}

TEST(Cache, AnAnswerOlderThanAChangeDoesNotTakeItBack) {
    Cache cache;
    fill(cache);
    const auto mark = cache.mark();
    cache.put(machine("i-4", 4), "down");
    cache.remove("i-3");
    cache.replace({machine("i-2", 2), machine("i-3", 3)}, {}, TimePoint{Duration{6}}, mark);
    EXPECT_THAT(ids(cache.list({})), ElementsAre("i-4", "i-2"));
    EXPECT_EQ(cache.find("i-4")->expected_state, "down");
    cache.replace({machine("i-3", 3)}, {}, TimePoint{Duration{7}}, cache.mark());
    EXPECT_THAT(ids(cache.list({})), ElementsAre("i-3"));
}

TEST(Seen, HasTheFieldsOfTheApiReadyMade) {
    auto one = machine("i-1", 0, {{"Name", "n"}, {"env", "prod"}, {"kiln:instance-build", "b"}});
    one.type = "ct.small";
    one.public_ip = "192.0.2.1";
    const auto seen = see(std::move(one), "down");
    EXPECT_EQ(
        seen->text,
        R"({"id":"i-1","name":"n","instance_type":"ct.small","image_id":"","ip":"192.0.2.1",)"
        R"("private_ip":"","launch_time":"1970-01-01T00:00:00.000Z","queue":"","env":"prod",)"
        R"("site":"","role":"","expected_state":"down","state":"running","instance_build_id":"b"})"
    );
}

}  // namespace
}  // namespace kiln::instances
