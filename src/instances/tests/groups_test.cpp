#include "instances/groups.hpp"

#include "instances/group_keeper.hpp"
#include "instances/tests/fake_world.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ports::testing::kind_of;
using ::testing::ElementsAre;
using testing::FakeWorld;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr TimePoint kNow{std::chrono::hours{10}};

json::object good() {
    return {
        {"instance_id", "i-0123456789abcdef0"},
        {"site", "org"},
        {"env", "prod"},
        {"queue", "linux"},
        {"role", "worker"},
        {"role_arn", "arn:aws:iam::1:role/x"},
        {"topic_arn", "arn:aws:sns:us-east-1:1:x"},
        {"min_size", 1},
        {"max_size", 4},
        {"desired_capacity", 2}};
}

TEST(GroupRequest, IsReadWithItsDefaults) {
    const json::value body = good();
    const auto request = parse_group(body);
    EXPECT_EQ(request.desired_capacity, 2);
    EXPECT_EQ(request.default_cooldown, std::chrono::seconds{300});
    EXPECT_EQ(request.lifecycle_heartbeat_timeout, std::chrono::seconds{900});
}

TEST(GroupRequest, TellsEveryFaultAtOnce) {
    const json::value body{
        {"site", ""}, {"min_size", 3}, {"max_size", 2}, {"scale_out_cooldown", 3}, {"colour", 1}};
    const auto error = error_of([&] { (void)parse_group(body); });
    ASSERT_TRUE(error);
    EXPECT_THAT(error->problems(), SizeIs(8));
}

TEST(InstanceGroup, IsReadBackFromItsRecord) {
    InstanceGroup group;
    group.id = "g";
    group.revision = 3;
    group.created = kNow;
    const json::value body = good();
    group.request = parse_group(body);
    group.pattern.site = "org";
    group.pattern.alternatives = {{"ct.small", "a", true}};
    group.leaving = true;
    group.made = 7;
    group.builds = {"b"};
    group.not_before = kNow;
    group.events = {{kNow, "asked", "x"}};
    const auto text = json::serialize(to_record(group));
    EXPECT_EQ(group_from_record(json::parse(text), 3), group);
    EXPECT_EQ(to_json(group).at("state").as_string(), "leaving");
}

TEST(Resizing, KeepsTheSizesInTheirOrder) {
    InstanceGroup group;
    const json::value body = good();
    group.request = parse_group(body);
    resize(group, {.desired_capacity = 4});
    EXPECT_EQ(group.request.desired_capacity, 4);
    EXPECT_EQ(kind_of([&] { resize(group, {.desired_capacity = 5}); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { resize(group, {.max_size = 3}); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { resize(group, {.min_size = -1}); }), ErrorKind::invalid);
    EXPECT_EQ(group.request.desired_capacity, 4);
}

InstanceGroup group_of(std::int64_t desired) {
    InstanceGroup group;
    group.request.max_size = 10;
    group.request.desired_capacity = desired;
    return group;
}

Member running(const std::string& name, int age_hours) {
    return {
        .build = "b" + name,
        .over = false,
        .instance = "i" + name,
        .since = kNow - std::chrono::hours{age_hours},
        .draining_since = std::nullopt};
}

Member over(const std::string& name, bool failed) {
    auto member = running(name, 1);
    member.over = true;
    member.failed = failed;
    return member;
}

Member draining(const std::string& name, Duration since) {
    auto member = running(name, 1);
    member.draining_since = kNow - since;
    return member;
}

Member waiting(const std::string& name) {
    return {.build = "b" + name, .since = kNow};
}

struct Row {
    std::string name;
    std::int64_t desired;
    std::vector<Member> members;
    GroupPlan plan;
};

class PlanRow : public ::testing::TestWithParam<Row> {};

TEST_P(PlanRow, BringsTheGroupNearerToItsSize) {
    const auto& row = GetParam();
    EXPECT_EQ(plan_group(group_of(row.desired), row.members, kNow), row.plan);
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    PlanRow,
    ::testing::Values(
        Row{"Empty", 3, {}, {.launch = 3}},
        Row{"AtItsSize", 1, {running("1", 1)}, {}},
        Row{"WhatIsOnItsWayCounts", 2, {running("1", 1), waiting("2")}, {}},
        Row{"OneIsGone", 1, {over("1", false)}, {.launch = 1, .forget = {"b1"}}},
        Row{"OneFailed", 1, {over("1", true)}, {.forget = {"b1"}, .failed = true}},
        Row{"TheOldestLeave",
            1,
            {running("1", 1), running("2", 3), running("3", 2)},
            {.drain = {"i2", "i3"}}},
        Row{"OneOnItsWayCannotDrain", 1, {running("1", 1), waiting("2")}, {.drain = {"i1"}}},
        Row{"DrainingIsReplaced", 1, {draining("1", std::chrono::seconds{899})}, {.launch = 1}},
        Row{"DrainedLongEnough",
            0,
            {draining("1", std::chrono::seconds{900})},
            {.terminate = {"i1"}}}
    ),
    [](const auto& tested) { return tested.param.name; }
);

TEST(Plan, WaitsAfterAFailure) {
    auto group = group_of(2);
    group.not_before = kNow + Duration{1};
    EXPECT_EQ(plan_group(group, {}, kNow).launch, 0);
    group.not_before = kNow;
    EXPECT_EQ(plan_group(group, {}, kNow).launch, 2);
}

TEST(Plan, AGroupThatIsToGoGoesWithItsLastMachine) {
    auto group = group_of(2);
    group.leaving = true;
    const auto first = plan_group(group, {running("1", 1)}, kNow);
    EXPECT_THAT(first.drain, ElementsAre("i1"));
    EXPECT_FALSE(first.gone);
    EXPECT_TRUE(plan_group(group, {}, kNow).gone);
    EXPECT_TRUE(plan_group(group, {over("1", false)}, kNow).gone);
}

std::string submit(FakeWorld& world, std::int64_t desired) {
    const auto pattern = world.built();
    auto body = good();
    body["instance_id"] = pattern.instances[0];
    body["queue"] = "mac";
    body["desired_capacity"] = desired;
    const json::value value = std::move(body);
    return world.desk().submit_group(value, "#ops").id;
}

void settle(FakeWorld& world) {
    for (int i = 0; i < 4; ++i) {
        world.round();
        world.work_all();
        world.clock.advance(std::chrono::seconds{30});
    }
}

TEST(GroupKeeper, MakesMachinesLikeThePatternWithTheGroupsWords) {
    FakeWorld world;
    submit(world, 2);
    settle(world);
    EXPECT_THAT(world.machines.alive(), SizeIs(3));
    EXPECT_THAT(world.cache().list({.queue = "mac"}), SizeIs(2));
    EXPECT_EQ(world.cache().list({.queue = "mac"})[0]->instance.type, "ct.small");
}

TEST(GroupKeeper, ReplacesAMachineThatEndedOfItselfAfterItsCooldown) {
    FakeWorld world;
    const auto id = submit(world, 1);
    settle(world);
    const auto first = world.cache().list({.queue = "mac"}).at(0)->instance.id.str();
    world.desk().finish_build(
        world.desk().find_group(id).builds.at(0),
        {.state = "finished", .instance_id = first, .slack_channel = ""}
    );
    EXPECT_EQ(world.notices.count(Notice::Kind::in_service), 1U);
    world.machines.cloud.vanish(InstanceId::trusted(first));
    settle(world);
    EXPECT_THAT(world.cache().list({.queue = "mac"}), IsEmpty());
    world.clock.advance(std::chrono::seconds{300});
    settle(world);
    const auto now = world.cache().list({.queue = "mac"});
    ASSERT_THAT(now, SizeIs(1));
    EXPECT_NE(now[0]->instance.id.str(), first);
}

TEST(GroupKeeper, ReplacesAMachineThatWasTerminatedAtOnce) {
    FakeWorld world;
    submit(world, 1);
    settle(world);
    const auto first = world.cache().list({.queue = "mac"}).at(0)->instance.id.str();
    world.desk().terminate(first, "");
    settle(world);
    const auto now = world.cache().list({.queue = "mac"});
    ASSERT_THAT(now, SizeIs(1));
    EXPECT_NE(now[0]->instance.id.str(), first);
}

TEST(GroupKeeper, AMachineThatIsTooManyDrainsAndEndsWhenItSaysSo) {
    FakeWorld world;
    const auto id = submit(world, 2);
    settle(world);
    world.desk().resize_group(id, {.desired_capacity = 1});
    settle(world);
    std::vector<std::string> down;
    for (const auto& seen : world.cache().list({.queue = "mac"})) {
        if (seen->expected_state == "down") {
            down.push_back(seen->instance.id.str());
        }
    }
    ASSERT_THAT(down, SizeIs(1));
    const auto build = world.cache().find(down[0])->build;
    EXPECT_EQ(world.desk().heartbeat(Caller::machine, build, down[0])->expected_state, "down");
    world.desk().terminated(Caller::machine, build, down[0], "");
    settle(world);
    EXPECT_THAT(world.cache().list({.queue = "mac"}), SizeIs(1));
    EXPECT_THAT(world.desk().find_group(id).builds, SizeIs(1));
    EXPECT_EQ(world.notices.count(Notice::Kind::out_of_service), 1U);
}

TEST(GroupKeeper, AMachineThatDoesNotDrainIsEndedInTime) {
    FakeWorld world;
    const auto id = submit(world, 2);
    settle(world);
    world.desk().resize_group(id, {.desired_capacity = 1});
    world.round();
    world.clock.advance(std::chrono::minutes{16});
    settle(world);
    EXPECT_THAT(world.cache().list({.queue = "mac"}), SizeIs(1));
}

TEST(GroupKeeper, AGroupThatIsRemovedGoesWithItsMachines) {
    FakeWorld world;
    const auto id = submit(world, 2);
    settle(world);
    world.desk().remove_group(id);
    world.round();
    world.clock.advance(std::chrono::minutes{16});
    settle(world);
    EXPECT_EQ(kind_of([&] { (void)world.desk().find_group(id); }), ErrorKind::not_found);
    EXPECT_THAT(world.cache().list({.queue = "mac"}), IsEmpty());
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
}

TEST(GroupKeeper, AfterABuildThatFailedItWaitsForItsCooldown) {
    FakeWorld world;
    const auto id = submit(world, 1);
    world.cloud.images.images.clear();
    world.round();
    (void)world.work();
    world.round();
    EXPECT_THAT(world.desk().find_group(id).builds, IsEmpty());
    settle(world);
    EXPECT_THAT(world.desk().find_group(id).builds, IsEmpty());
    world.cloud.images.images = {testing::image(testing::kImage, "worker")};
    world.clock.advance(std::chrono::seconds{300});
    settle(world);
    EXPECT_THAT(world.cache().list({.queue = "mac"}), SizeIs(1));
}

TEST(Groups, OfAnInstanceOfNoBuildAreRefused) {
    FakeWorld world;
    const json::value body = good();
    EXPECT_EQ(kind_of([&] { (void)world.desk().submit_group(body, {}); }), ErrorKind::not_found);
}

}  // namespace
}  // namespace kiln::instances
