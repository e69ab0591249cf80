#include "instances/build_job.hpp"

#include "base/testing/kind_of.hpp"
#include "instances/queued_jobs.hpp"
#include "instances/tests/fake_world.hpp"
#include "ports/testing/pushed_jobs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::instances {
namespace {

using ::testing::ElementsAre;
using testing::FakeWorld;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kImage;
using ::testing::SizeIs;

std::vector<std::string> kinds(const InstanceBuild& build) {
    std::vector<std::string> all;
    for (const auto& event : build.events) {
        all.push_back(event.kind);
    }
    return all;
}

TEST(BuildJob, LaunchesTaggedMachinesInAGroupOfTheirOwn) {
    FakeWorld world;
    const auto build = world.built({{"count", 2}, {"slack_channel", "#ops"}});
    EXPECT_EQ(build.state, BuildState::started);
    EXPECT_EQ(build.image, kImage);
    ASSERT_THAT(world.machines.asked(), SizeIs(1));
    const auto& spec = world.machines.asked()[0];
    EXPECT_EQ(spec.client_token, build.id + "-0");
    EXPECT_EQ(spec.count, 2U);
    EXPECT_EQ(spec.shutdown, ports::ShutdownBehaviour::terminate);
    EXPECT_EQ(
        spec.tags,
        (ports::Tags{
            {"Name", "worker-org-prod-linux-" + build.id.substr(0, 8)},
            {"role", "worker"},
            {"site", "org"},
            {"env", "prod"},
            {"queue", "linux"},
            {kOwnerTag, "here"},
            {kBuildTag, build.id}})
    );
    ASSERT_THAT(world.machines.groups(), SizeIs(1));
    const auto group = world.machines.groups()[0];
    EXPECT_EQ(group.name, "kiln-build-" + build.id);
    EXPECT_THAT(group.ingress, ElementsAre(ports::IngressRule{"tcp", 22, 22, "192.0.2.0/24"}));
    EXPECT_THAT(spec.security_groups, ElementsAre(group.id));
    EXPECT_EQ(world.notices.count(Notice::Kind::started), 2U);
    EXPECT_EQ(world.notices.told.begin()->second.channel, "#ops");
    EXPECT_THAT(
        kinds(build),
        ElementsAre("accepted", "queued", "image", "script", "group", "launched", "launched")
    );
}

TEST(BuildJob, AMachineHasItsIdInItsNameSoonAfterItsLaunch) {
    FakeWorld world;
    const auto build = world.built();
    ASSERT_THAT(world.machines.alive(), SizeIs(1));
    const auto machine = world.machines.alive()[0];
    const auto name = "worker-org-prod-linux-" + build.instances[0].substr(2);
    EXPECT_EQ(machine.tags.at("Name"), name);
    EXPECT_EQ(world.cache().find(build.instances[0])->name, name);
}

TEST(BuildJob, ANameThatCannotBeChangedIsNoFailure) {
    FakeWorld world;
    world.machines.refuse_tags();
    const auto build = world.built();
    EXPECT_EQ(build.state, BuildState::started);
    EXPECT_TRUE(build.told);
    EXPECT_THAT(kinds(build), ::testing::Contains("unnamed"));
    EXPECT_EQ(
        world.machines.alive().at(0).tags.at("Name"),
        "worker-org-prod-linux-" + build.id.substr(0, 8)
    );
}

TEST(BuildJob, TheMachinesUserDataOpensItsScriptAndOnlyThat) {
    FakeWorld world;
    const auto build = world.built();
    const auto& data = world.machines.asked()[0].user_data;
    const auto begin = data.find("x:") + 2;
    const auto secret = data.substr(begin, data.find('@') - begin);
    EXPECT_TRUE(world.desk().admits(build.id, secret));
    EXPECT_EQ(
        data, "#include https://x:" + secret + "@kiln.example:8743/init-scripts/" + build.id + "\n"
    );
    EXPECT_THAT(world.desk().init_script(build.id), HasSubstr(secret));
    EXPECT_EQ(world.rows.find_script(build.id)->secret, "");
    const auto other = world.built();
    EXPECT_FALSE(world.desk().admits(other.id, secret));
}

TEST(BuildJob, WithoutAMachineOnlyTheScriptIsMade) {
    FakeWorld world;
    const auto build = world.built({{"boot_instance", false}});
    EXPECT_EQ(build.state, BuildState::started);
    EXPECT_THAT(world.machines.cloud.history(), IsEmpty());
    EXPECT_THAT(world.machines.groups(), IsEmpty());
    EXPECT_THAT(world.desk().init_script(build.id), HasSubstr("100%s"));
}

TEST(BuildJob, AGivenGroupIsUsedAndNoneIsMade) {
    FakeWorld world;
    const auto group = world.machines.machines().groups.create({"mine", "of mine", {}, {}});
    const auto build = world.built({{"security_group_id", group.id}});
    EXPECT_THAT(world.machines.groups(), SizeIs(1));
    EXPECT_THAT(world.machines.asked().at(0).security_groups, ElementsAre(group.id));
}

TEST(BuildJob, TakesTheNextAlternativeWhereThereIsNoRoom) {
    FakeWorld world;
    world.machines.fill({"ct.small"});
    const auto build = world.built(
        {{"alternatives", {{{"spot", true}}, {{"zone", "b"}}, {{"instance_type", "ct.large"}}}}}
    );
    EXPECT_EQ(build.state, BuildState::started);
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
    EXPECT_EQ(world.machines.alive()[0].type, "ct.large");
    ASSERT_THAT(world.machines.asked(), SizeIs(3));
    EXPECT_TRUE(world.machines.asked()[0].spot);
    EXPECT_EQ(world.machines.asked()[1].zone, "b");
    EXPECT_EQ(world.machines.asked()[2].client_token, build.id + "-2");
}

TEST(BuildJob, WithoutAnyRoomItIsTriedAgainFromTheFirst) {
    FakeWorld world;
    world.machines.fill({"ct.small", "ct.large"});
    const auto asked =
        world.submit({{"alternatives", {{{"zone", "a"}}, {{"instance_type", "ct.large"}}}}});
    const auto error = world.work();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), ErrorKind::exhausted);
    EXPECT_THAT(kinds(world.build(asked.id)), ::testing::Contains("retry"));
    world.machines.fill({});
    EXPECT_EQ(world.work(), std::nullopt);
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
    EXPECT_EQ(world.machines.alive()[0].zone, "a");
}

TEST(BuildJob, AMachineThatComesAfterManyRetriesStillFindsItsScript) {
    FakeWorld world;
    world.machines.fill({"ct.small"});
    const auto asked = world.submit();
    EXPECT_TRUE(world.work());
    world.clock.advance(std::chrono::hours{24});
    world.round();
    world.machines.fill({});
    EXPECT_EQ(world.work(), std::nullopt);
    EXPECT_THAT(world.desk().init_script(asked.id), HasSubstr("#!/bin/sh"));
    world.clock.advance(world.settings.scripts.expiry);
    world.round();
    EXPECT_EQ(world.rows.find_script(asked.id)->script, "");
}

TEST(BuildJob, AWrongImageFailsAtOnceIsToldAndLeavesNothing) {
    FakeWorld world;
    const auto asked = world.submit({{"ami", "ami-99999999"}});
    const auto error = world.work();
    ASSERT_TRUE(error);
    EXPECT_FALSE(may_pass(error->kind()));
    const auto build = world.build(asked.id);
    EXPECT_EQ(build.state, BuildState::failed);
    EXPECT_THAT(build.error, HasSubstr("ami-99999999"));
    EXPECT_TRUE(build.closed);
    EXPECT_EQ(world.notices.count(Notice::Kind::failed), 1U);
    EXPECT_THAT(world.machines.groups(), IsEmpty());
    EXPECT_EQ(world.rows.find_script(asked.id), std::nullopt);
}

TEST(BuildJob, ATemplateThatAsksForWhatThereIsNotFailsNamingIt) {
    FakeWorld world;
    world.settings.scripts.source = "{{.Colour}}";
    const auto asked = world.submit();
    EXPECT_TRUE(world.work());
    EXPECT_THAT(world.build(asked.id).error, HasSubstr("Colour"));
}

TEST(BuildJob, ThatIsGivenUpEndsWhatItsLostLaunchHasMade) {
    FakeWorld world;
    const auto asked = world.submit();
    bool lost = false;
    world.fuse.on_burn = [&](int) {
        if (!lost && !world.machines.alive().empty()) {
            lost = true;
            throw Error{ErrorKind::timed_out, "the answer is lost"};
        }
    };
    EXPECT_EQ(world.work()->kind(), ErrorKind::timed_out);
    world.runner().give_up(world.jobs.waiting.front(), Error{ErrorKind::timed_out, "too often"});
    EXPECT_EQ(world.build(asked.id).state, BuildState::failed);
    EXPECT_THAT(world.machines.alive(), IsEmpty());
    EXPECT_FALSE(world.build(asked.id).closed);
    world.machines.settle();
    world.round();
    EXPECT_TRUE(world.build(asked.id).closed);
    EXPECT_THAT(world.machines.groups(), IsEmpty());
    EXPECT_EQ(world.notices.count(Notice::Kind::failed), 1U);
    EXPECT_EQ(world.notices.count(Notice::Kind::started), 0U);
}

TEST(BuildJob, WhatALostLaunchHasMadeIsFoundWithoutAnotherLaunch) {
    FakeWorld world;
    const auto asked = world.submit({{"count", 2}});
    world.machines.cloud.weather([](auto& now) { now.lose_answer = true; });
    EXPECT_EQ(world.work()->kind(), ErrorKind::unavailable);
    world.start();
    EXPECT_EQ(world.work(), std::nullopt);
    EXPECT_THAT(world.machines.asked(), SizeIs(1));
    EXPECT_THAT(world.machines.alive(), SizeIs(2));
    EXPECT_THAT(world.build(asked.id).instances, SizeIs(2));
}

TEST(BuildJob, OfASidekiqClientIsARecordLikeAnyOther) {
    FakeWorld world;
    const json::object args{
        {"site", "org"},
        {"env", "prod"},
        {"queue", "linux"},
        {"instance_type", "ct.small"},
        {"count", 1}};
    const Job job{.queue = "instance-builds", .id = "f00d", .args = {args}, .retries = 0};
    world.runner().run(job);
    world.runner().run(job);
    EXPECT_THAT(world.machines.alive(), SizeIs(1));
    const auto builds = world.desk().list_builds({});
    ASSERT_THAT(builds, SizeIs(1));
    EXPECT_EQ(builds[0].state, BuildState::started);
}

TEST(BuildJob, ThatHasFailedIsBuriedWhenItComesAgain) {
    FakeWorld world;
    world.submit({{"ami", "ami-99999999"}});
    const auto job = world.jobs.waiting.front();
    EXPECT_TRUE(world.work());
    EXPECT_FALSE(may_pass(kind_of([&] { world.runner().run(job); }).value()));
    EXPECT_EQ(world.notices.count(Notice::Kind::failed), 1U);
}

/// A slow worker whose job has meanwhile been done by another, on another alternative.
TEST(BuildJob, OfTwoAtOnceOneSetOfMachinesStays) {
    FakeWorld world;
    const auto asked = world.submit({{"alternatives", {{{"zone", "a"}}, {{"zone", "b"}}}}});
    const auto job = world.jobs.waiting.front();
    bool overtaken = false;
    world.fuse.on_burn = [&](int) {
        if (overtaken || world.machines.alive().empty()) {
            return;
        }
        overtaken = true;
        Builds builds{world.rows};
        auto other = builds.get(asked.id);
        on_no_capacity(other, "full", world.clock.now());
        builds.save(other);
        world.runner().run(job);
    };
    EXPECT_EQ(world.work(), std::nullopt);
    ASSERT_TRUE(overtaken);
    ASSERT_THAT(world.machines.alive(), SizeIs(1));
    EXPECT_THAT(world.build(asked.id).instances, ElementsAre(world.machines.alive()[0].id.str()));
}

TEST(Runner, RefusesAQueueThatItDoesNotKnow) {
    FakeWorld world;
    EXPECT_EQ(kind_of([&] { world.runner().run({.queue = "other"}); }), ErrorKind::invalid);
}

TEST(QueuedJobs, HaveTheirKindByTheirQueue) {
    ports::testing::PushedJobs queue;
    QueuedJobs jobs{queue, {}};
    jobs.push("instance-builds", {1});
    jobs.push("instance-terminations", {2});
    ASSERT_THAT(queue.pushed, SizeIs(2));
    EXPECT_EQ(queue.pushed[0].kind, "Kiln::InstanceBuild");
    EXPECT_EQ(queue.pushed[1].kind, "Kiln::InstanceTermination");
    EXPECT_EQ(queue.pushed[1].args, json::array{2});
}

TEST(DoJob, GivesItUpAfterItsLastAttemptAlone) {
    FakeWorld world;
    const auto asked = world.submit();
    world.machines.fill({"ct.small"});
    ports::Job job;
    job.queue = "instance-builds";
    job.args = world.jobs.waiting.front().args;
    job.retries = 24;
    EXPECT_EQ(kind_of([&] { do_job(world.runner(), job); }), ErrorKind::exhausted);
    EXPECT_EQ(world.build(asked.id).state, BuildState::pending);
    job.retries = 25;
    EXPECT_EQ(kind_of([&] { do_job(world.runner(), job); }), ErrorKind::exhausted);
    EXPECT_EQ(world.build(asked.id).state, BuildState::failed);
    EXPECT_EQ(world.notices.count(Notice::Kind::failed), 1U);
}

TEST(FailureOf, SaysWhetherTryingAgainWouldHelp) {
    EXPECT_FALSE(failure_of(Error{ErrorKind::unavailable, "x"}).for_good);
    EXPECT_TRUE(failure_of(Error{ErrorKind::not_found, "x"}).for_good);
    EXPECT_EQ(failure_of(Error{ErrorKind::not_found, "x"}).type, "not_found");
}

}  // namespace
}  // namespace kiln::instances
