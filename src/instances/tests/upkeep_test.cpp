#include "instances/upkeep.hpp"

#include "instances/ending.hpp"
#include "instances/tests/fake_world.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ports::testing::kind_of;
using testing::FakeWorld;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Upkeep, BringsTheViewUpToDate) {
    FakeWorld world;
    const auto build = world.built();
    world.start();
    EXPECT_EQ(world.cache().size(), 0U);
    world.round();
    EXPECT_EQ(world.cache().find(build.instances[0])->build, build.id);
    EXPECT_FALSE(world.cache().freshness().stale);
}

TEST(Upkeep, ACloudThatDoesNotAnswerLeavesTheOldViewMarkedStale) {
    FakeWorld world;
    const auto build = world.built();
    world.round();
    world.machines.reachable(false);
    EXPECT_FALSE(Upkeep{world.world()}.run());
    EXPECT_TRUE(world.cache().freshness().stale);
    EXPECT_TRUE(world.cache().find(build.instances[0]));
    EXPECT_FALSE(world.build(build.id).closed);
    world.machines.reachable(true);
    world.round();
    EXPECT_FALSE(world.cache().freshness().stale);
}

TEST(Upkeep, TheGroupGoesWithTheLastOfItsMachines) {
    FakeWorld world;
    const auto build = world.built({{"count", 2}});
    world.round();
    world.desk().terminate(build.instances[0], "");
    world.work_all();
    world.round();
    world.round();
    EXPECT_THAT(world.machines.groups(), SizeIs(1));
    EXPECT_FALSE(world.build(build.id).closed);
    world.desk().terminate(build.instances[1], "#end");
    world.work_all();
    world.round();
    EXPECT_FALSE(world.build(build.id).closed);
    world.round();
    EXPECT_THAT(world.machines.groups(), IsEmpty());
    EXPECT_TRUE(world.build(build.id).closed);
    EXPECT_EQ(world.notices.count(Notice::Kind::terminating), 2U);
    EXPECT_EQ(world.notices.told.at(build.instances[1] + "/terminating").channel, "#end");
}

TEST(Upkeep, AMachineThatEndedOfItselfClosesItsBuildWithTheReason) {
    FakeWorld world;
    const auto build = world.built();
    world.machines.cloud.vanish(InstanceId::trusted(build.instances[0]));
    world.round();
    world.round();
    const auto after = world.build(build.id);
    EXPECT_EQ(after.state, BuildState::failed);
    EXPECT_THAT(after.error, HasSubstr("Server.InternalError"));
    EXPECT_TRUE(after.closed);
    EXPECT_THAT(world.rows.live_instances(), IsEmpty());
    EXPECT_EQ(world.cache().find(build.instances[0]), nullptr);
}

TEST(Upkeep, AMachineOfNoRecordIsEndedAfterItsGrace) {
    FakeWorld world;
    world.built();
    auto spec = world.machines.asked()[0];
    spec.client_token = "another";
    spec.tags[kBuildTag] = uuid_of("nobody's");
    const auto known = world.machines.alive()[0].id;
    (void)world.machines.machines().instances.launch(spec, Deadline::never());
    world.round();
    EXPECT_THAT(world.machines.alive(), SizeIs(2));
    world.clock.advance(std::chrono::minutes{11});
    world.round();
    ASSERT_THAT(world.machines.alive(), SizeIs(1));
    EXPECT_EQ(world.machines.alive()[0].id, known);
}

TEST(Upkeep, AGroupOfNoRecordIsRemovedButNobodyElses) {
    FakeWorld world;
    world.built();
    auto& groups = world.machines.machines().groups;
    groups.create({"old", "old", {}, {{kOwnerTag, "here"}, {kBuildTag, uuid_of("nobody's")}}});
    groups.create({"other", "other", {}, {{kOwnerTag, "there"}, {kBuildTag, "x"}}});
    groups.create({"default", "default", {}, {}});
    world.round();
    std::vector<std::string> names;
    for (const auto& group : world.machines.groups()) {
        names.push_back(group.name.substr(0, 6));
    }
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("kiln-b", "other", "defaul"));
}

TEST(Upkeep, ForgetsWhatIsClosedAndOld) {
    FakeWorld world;
    world.submit({{"ami", "ami-99999999"}});
    (void)world.work();
    world.round();
    EXPECT_THAT(world.desk().list_builds({}), SizeIs(1));
    world.clock.advance(std::chrono::hours{24 * 15});
    world.round();
    EXPECT_THAT(world.desk().list_builds({}), IsEmpty());
}

TEST(Ending, OfAMachineThatIsGoneAlreadyIsASuccess) {
    FakeWorld world;
    const Job job{
        .queue = "instance-terminations",
        .id = "j",
        .args = {json::object{{"instance_id", "i-0123456789abcdef0"}}},
        .retries = 0};
    world.runner().run(job);
    world.runner().run(job);
    EXPECT_EQ(world.notices.count(Notice::Kind::terminating), 1U);
}

TEST(Ending, ThatCannotBeIsTold) {
    FakeWorld world;
    const auto build = world.built();
    world.runner().give_up(
        {.queue = "instance-terminations", .id = "j", .args = {build.instances[0]}, .retries = 25},
        Error{ErrorKind::unavailable, "no answer"}
    );
    EXPECT_EQ(world.notices.count(Notice::Kind::failed_to_terminate), 1U);
}

TEST(Ending, ReadsTheShapesThatClientsPush) {
    const auto read = [](json::array args) {
        return read_ending({.queue = "q", .id = "j", .args = std::move(args), .retries = 0});
    };
    const Ending want{"i-01234567", "#a"};
    EXPECT_EQ(read({json::object{{"instance_id", "i-01234567"}, {"slack_channel", "#a"}}}), want);
    EXPECT_EQ(read({"i-01234567", "#a"}), want);
    EXPECT_EQ(read(ending_args(want)), want);
    for (const json::array& bad :
         {json::array{},
          json::array{3},
          json::array{"x"},
          json::array{json::object{}},
          json::array{json::object{{"instance_id", "i-01234567"}, {"colour", "red"}}}}) {
        EXPECT_EQ(kind_of([&] { (void)read(bad); }), ErrorKind::invalid);
    }
}

}  // namespace
}  // namespace kiln::instances
