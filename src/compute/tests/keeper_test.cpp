#include "compute/keeper.hpp"

#include "base/testing/kind_of.hpp"
#include "compute/tests/local_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::compute {
namespace {

using ports::Change;
using ports::Force;
using ports::InstanceState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Keepers : public ::testing::Test {
  protected:
    ports::InstanceSpec spec() {
        ports::InstanceSpec one;
        one.image = world.image();
        one.type = "ct.small";
        return one;
    }

    InstanceId launch(const ports::InstanceSpec& one) {
        auto answer = instances().launch(one, soon());
        return std::get<std::vector<ports::Instance>>(answer).front().id;
    }

    InstanceId launch() { return launch(spec()); }

    ports::Instances& instances() { return world.machines().instances; }

    void change(const InstanceId& id, Change what, Force force = Force::no) {
        instances().change(id, what, force, soon());
    }

    static Deadline soon() { return Deadline::after(std::chrono::minutes{1}); }

    testing::LocalWorld world;
};

TEST_F(Keepers, AStartThatFailsStopsTheInstanceWithTheReason) {
    world.family.behave({.start_fails = "no such device"});
    const auto seen = world.settled(launch());
    EXPECT_EQ(seen.state, InstanceState::stopped);
    EXPECT_EQ(seen.reason, "Server.InternalError: no such device");
}

TEST_F(Keepers, AStartThatFailsTerminatesWhatIsToTerminate) {
    world.family.behave({.start_fails = "no such device"});
    auto one = spec();
    one.shutdown = ports::ShutdownBehaviour::terminate;
    EXPECT_EQ(world.settled(launch(one)).state, InstanceState::terminated);
    EXPECT_THAT(world.cloud.volumes.volumes, IsEmpty());
}

TEST_F(Keepers, OneThatNeverBootsIsPendingUntilItIsTerminated) {
    world.family.behave({.boots = false});
    const auto id = launch();
    world.instances.wait_until([&] { return world.instances.find(id)->job.has_value(); });
    EXPECT_EQ(world.look(id).state, InstanceState::pending);
    instances().terminate({id}, soon());
    const auto gone = world.settled(id);
    EXPECT_EQ(gone.state, InstanceState::terminated);
    EXPECT_THAT(gone.reason, HasSubstr("UserInitiatedShutdown"));
    EXPECT_THAT(world.cloud.volumes.volumes, IsEmpty());
}

TEST_F(Keepers, OneThatNeverBootsCanBeStoppedAndStartedAgain) {
    world.family.behave({.boots = false});
    const auto id = launch();
    change(id, Change::stop);
    EXPECT_EQ(world.settled(id).state, InstanceState::stopped);
    world.family.behave({});
    change(id, Change::start);
    EXPECT_EQ(world.settled(id).state, InstanceState::running);
}

TEST_F(Keepers, OneWhoseKeeperNeverCameIsPendingAndCanBeTerminated) {
    world.start_keeper = [](const InstanceId&) {};
    const auto id = launch();
    EXPECT_EQ(world.look(id).state, InstanceState::pending);
    instances().terminate({id}, soon());
    EXPECT_EQ(world.look(id).state, InstanceState::terminated);
    EXPECT_THAT(world.cloud.volumes.volumes, IsEmpty());
}

TEST_F(Keepers, OneWhoseKeeperNeverCameGetsAnotherOne) {
    world.start_keeper = [](const InstanceId&) {};
    const auto id = launch();
    world.start_keeper = nullptr;
    world.clock.advance(std::chrono::minutes{1});
    const auto done = tend(world.world(HolderId::random()), DryRun::no);
    ASSERT_THAT(done, SizeIs(1));
    EXPECT_EQ(done.front().what, "started");
    EXPECT_EQ(world.settled(id).state, InstanceState::running);
}

TEST_F(Keepers, WhatIsStartedWhileItsKeeperGoesIsKeptByIt) {
    const auto id = launch();
    ASSERT_EQ(world.settled(id).state, InstanceState::running);
    // The new keeper begins at the worst of times: the old one has written `stopped` and listens.
    world.start_keeper = [&](const InstanceId& started) { world.keep(started); };
    // On the old keeper's thread, which may still be at it when the test's body has ended.
    world.instances.after_replace = [this, id, once = true](const auto& record) mutable {
        if (record.instance.state == InstanceState::stopped && std::exchange(once, false)) {
            change(id, Change::start);
        }
    };
    change(id, Change::stop);
    world.instances.wait_until([&] { return world.family.plans().size() == 2; });
    EXPECT_EQ(world.settled(id).state, InstanceState::running);
}

TEST_F(Keepers, OneIsEnoughForAnInstance) {
    const auto id = launch();
    ASSERT_EQ(world.settled(id).state, InstanceState::running);
    world.keep(id);  // returns at once
    EXPECT_THAT(world.family.plans(), SizeIs(1));
}

TEST_F(Keepers, OneThatDoesNotListenIsKilledByForce) {
    world.family.behave({.listens = false});
    const auto id = launch();
    (void)world.settled(id);
    change(id, Change::stop, Force::yes);
    EXPECT_EQ(world.settled(id).state, InstanceState::stopped);
}

TEST_F(Keepers, UserDataIsForTheFirstBoot) {
    auto one = spec();
    one.user_data = "#!/bin/sh\n";
    const auto id = launch(one);
    (void)world.settled(id);
    change(id, Change::stop);
    (void)world.settled(id);
    change(id, Change::start);
    (void)world.settled(id);
    const auto plans = world.family.plans();
    ASSERT_THAT(plans, SizeIs(2));
    EXPECT_TRUE(plans[0].first_boot);
    EXPECT_FALSE(plans[1].first_boot);
    EXPECT_EQ(plans[0].user_data, "#!/bin/sh\n");
}

TEST_F(Keepers, WhatAGuestIsStartedFromIsLookedUp) {
    auto& machines = world;
    (void)machines.machines().keys.import(
        "mine",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me"
    );
    ports::SecurityGroupSpec web;
    web.name = "web";
    web.ingress = {{"tcp", 80, 80, "0.0.0.0/0"}};
    auto one = spec();
    one.key_name = "mine";
    one.security_groups = {machines.machines().groups.create(web).id};
    const auto seen = world.settled(launch(one));
    const auto plan = world.family.plans().front();
    EXPECT_EQ(plan.address, seen.private_ip);
    EXPECT_EQ(plan.volume, seen.root_volume);
    EXPECT_THAT(plan.ssh_key, HasSubstr("ssh-ed25519"));
    EXPECT_EQ(plan.ingress, web.ingress);
    EXPECT_THAT(plan.group_names, ::testing::ElementsAre("web"));
    EXPECT_FALSE(plan.default_group);
    EXPECT_EQ(plan.look().state, InstanceState::running);
}

TEST_F(Keepers, AContainersUserDataIsWhatItUnderstands) {
    auto one = spec();
    one.user_data = "#cloud-config\nusers: []\n";
    EXPECT_THAT(message_of([&] { (void)launch(one); }), HasSubstr("user_data"));
    one.type = "vm.small";
    (void)launch(one);  // this one's guest knows it
}

}  // namespace
}  // namespace kiln::compute
