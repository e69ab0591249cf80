#pragma once

#include "base/testing/kind_of.hpp"
#include "ports/instance_rules.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

inline constexpr const char* kExamplePublicKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f someone";

/// Every rule of ports::Instances, KeyPairs and SecurityGroups. A driver starts with no instance
/// and has `static std::optional<std::string> unavailable()`, `Machines machines()`, `TagStore&
/// tags()`, `ImageId image()` (one that boots), `std::string type()`, and `Instance
/// settled(InstanceId)`, which waits until its state passes by itself no more.
template <class Driver>
class InstancesConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    Instances& instances() { return driver->machines().instances; }

    KeyPairs& keys() { return driver->machines().keys; }

    SecurityGroups& groups() { return driver->machines().groups; }

    InstanceSpec spec(std::string token = "") {
        InstanceSpec one;
        one.client_token = std::move(token);
        one.image = driver->image();
        one.type = driver->type();
        return one;
    }

    std::vector<Instance> launch(const InstanceSpec& one) {
        auto answer = instances().launch(one, soon());
        return std::get<std::vector<Instance>>(answer);
    }

    Instance launch_one() { return driver->settled(launch(spec()).front().id); }

    Instance look(const InstanceId& id) {
        InstanceFilter filter;
        filter.ids = {id};
        return instances().describe(filter).front();
    }

    std::size_t count() { return instances().describe({}).size(); }

    static Deadline soon() { return Deadline::after(std::chrono::minutes{1}); }

    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(InstancesConformance);

TYPED_TEST_P(InstancesConformance, WhatIsLaunchedIsPendingAndRecordedWithItsTags) {
    auto spec = this->spec();
    spec.tags = {{"role", "web"}};
    const auto made = this->launch(spec);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].state, InstanceState::pending);
    const auto seen = this->look(made[0].id);
    EXPECT_EQ(seen.tags, spec.tags);
    EXPECT_EQ(seen.image, spec.image);
    EXPECT_EQ(seen.type, spec.type);
    EXPECT_FALSE(seen.private_ip.empty());
}

TYPED_TEST_P(InstancesConformance, ItRunsByItself) {
    EXPECT_EQ(this->launch_one().state, InstanceState::running);
}

TYPED_TEST_P(InstancesConformance, SeveralAreSeveralWithAddressesOfTheirOwn) {
    auto spec = this->spec();
    spec.count = 3;
    const auto made = this->launch(spec);
    ASSERT_EQ(made.size(), 3U);
    std::set<std::string> addresses;
    for (const auto& one : made) {
        addresses.insert(one.private_ip);
    }
    EXPECT_EQ(addresses.size(), 3U);
    EXPECT_EQ(this->count(), 3U);
}

TYPED_TEST_P(InstancesConformance, TheSameTokenYieldsTheSameInstances) {
    auto spec = this->spec("build-1");
    spec.count = 2;
    const auto first = this->launch(spec);
    const auto second = this->launch(spec);
    ASSERT_EQ(second.size(), 2U);
    EXPECT_EQ(first[0].id, second[0].id);
    EXPECT_EQ(first[1].id, second[1].id);
    EXPECT_EQ(this->count(), 2U);
}

TYPED_TEST_P(InstancesConformance, ATokenStandsForOneRequest) {
    (void)this->launch(this->spec("build-1"));
    auto other = this->spec("build-1");
    other.user_data = "#!/bin/sh\n";
    EXPECT_EQ(kind_of([&] { (void)this->launch(other); }), ErrorKind::conflict);
}

TYPED_TEST_P(InstancesConformance, ABadRequestIsRefusedAndMakesNothing) {
    auto unknown = this->spec();
    unknown.image = ImageId::parse("ami-00000000000000000");
    auto type = this->spec();
    type.type = "ct.gigantic";
    auto data = this->spec();
    data.user_data = std::string(kMostUserData + 1, 'x');
    auto key = this->spec();
    key.key_name = "nobodys";
    auto group = this->spec();
    group.security_groups = {"sg-00000000000000000"};
    EXPECT_EQ(kind_of([&] { (void)this->launch(unknown); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { (void)this->launch(type); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)this->launch(data); }), ErrorKind::invalid);
    EXPECT_EQ(kind_of([&] { (void)this->launch(key); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { (void)this->launch(group); }), ErrorKind::not_found);
    EXPECT_EQ(this->count(), 0U);
}

TYPED_TEST_P(InstancesConformance, FiltersMustAllHold) {
    auto web = this->spec("token-web");
    web.tags = {{"role", "web"}, {"env", "prod"}};
    auto db = this->spec();
    db.tags = {{"role", "db"}, {"env", "prod"}};
    const auto web_id = this->launch(web).front().id;
    const auto db_id = this->launch(db).front().id;
    const auto ids = [&](const InstanceFilter& filter) {
        std::vector<InstanceId> found;
        for (const auto& one : this->instances().describe(filter)) {
            found.push_back(one.id);
        }
        return found;
    };
    using ::testing::ElementsAre;
    EXPECT_THAT(ids({}), ElementsAre(db_id, web_id)) << "newest first";
    InstanceFilter filter;
    filter.tags = {{"role", {"web"}}, {"env", {"prod"}}};
    EXPECT_THAT(ids(filter), ElementsAre(web_id));
    filter = {};
    filter.tags = {{"role", {"web", "db"}}};
    EXPECT_THAT(ids(filter), ElementsAre(db_id, web_id));
    filter = {};
    filter.tag_keys = {"nothing"};
    EXPECT_TRUE(ids(filter).empty());
    filter = {};
    filter.client_token = "token-web";
    EXPECT_THAT(ids(filter), ElementsAre(web_id));
    filter = {};
    filter.states = {InstanceState::terminated};
    EXPECT_TRUE(ids(filter).empty());
    filter = {};
    filter.ids = {InstanceId::random()};
    EXPECT_EQ(kind_of([&] { (void)ids(filter); }), ErrorKind::not_found);
}

TYPED_TEST_P(InstancesConformance, AStoppedOneKeepsItsVolumeAndStartsAgain) {
    const auto before = this->launch_one();
    this->instances().change(before.id, Change::stop, Force::no, this->soon());
    const auto stopped = this->driver->settled(before.id);
    EXPECT_EQ(stopped.state, InstanceState::stopped);
    EXPECT_EQ(stopped.root_volume, before.root_volume);
    EXPECT_THAT(stopped.reason, ::testing::StartsWith("Client.UserInitiatedShutdown"));
    this->instances().change(before.id, Change::stop, Force::no, this->soon());
    EXPECT_EQ(this->look(before.id).state, InstanceState::stopped)
        << "stopping it again is success";
    this->instances().change(before.id, Change::start, Force::no, this->soon());
    const auto again = this->driver->settled(before.id);
    EXPECT_EQ(again.state, InstanceState::running);
    EXPECT_EQ(again.root_volume, before.root_volume);
    EXPECT_TRUE(again.reason.empty());
}

TYPED_TEST_P(InstancesConformance, AForcedStopStops) {
    const auto one = this->launch_one();
    this->instances().change(one.id, Change::stop, Force::yes, this->soon());
    EXPECT_EQ(this->driver->settled(one.id).state, InstanceState::stopped);
}

TYPED_TEST_P(InstancesConformance, ARebootedOneRuns) {
    const auto one = this->launch_one();
    this->instances().change(one.id, Change::reboot, Force::no, this->soon());
    EXPECT_EQ(this->driver->settled(one.id).state, InstanceState::running);
}

TYPED_TEST_P(InstancesConformance, ChangesThatTheStateForbidsAreConflicts) {
    const auto one = this->launch_one();
    const auto change = [&](Change what) {
        return kind_of([&] { this->instances().change(one.id, what, Force::no, this->soon()); });
    };
    this->instances().change(one.id, Change::stop, Force::no, this->soon());
    (void)this->driver->settled(one.id);
    EXPECT_EQ(change(Change::reboot), ErrorKind::conflict);
    this->instances().terminate({one.id}, this->soon());
    (void)this->driver->settled(one.id);
    EXPECT_EQ(change(Change::start), ErrorKind::conflict);
    EXPECT_EQ(change(Change::stop), ErrorKind::conflict);
    EXPECT_EQ(
        kind_of([&] {
            this->instances().change(InstanceId::random(), Change::stop, Force::no, this->soon());
        }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(InstancesConformance, ATerminatedOneLeavesItsRecord) {
    const auto one = this->launch_one();
    this->instances().terminate({one.id}, this->soon());
    EXPECT_THAT(
        this->look(one.id).state,
        ::testing::AnyOf(InstanceState::shutting_down, InstanceState::terminated)
    );
    const auto gone = this->driver->settled(one.id);
    EXPECT_EQ(gone.state, InstanceState::terminated);
    EXPECT_TRUE(gone.ended.has_value());
    EXPECT_THAT(gone.reason, ::testing::StartsWith("Client.UserInitiatedShutdown"));
    this->instances().terminate({one.id, InstanceId::random()}, this->soon());
    EXPECT_EQ(this->look(one.id).state, InstanceState::terminated) << "gone already is success";
}

TYPED_TEST_P(InstancesConformance, OneThatIsPendingCanBeTerminated) {
    const auto id = this->launch(this->spec()).front().id;
    this->instances().terminate({id}, this->soon());
    EXPECT_EQ(this->driver->settled(id).state, InstanceState::terminated);
}

TYPED_TEST_P(InstancesConformance, ALifetimeIsADeadline) {
    auto spec = this->spec();
    spec.lifetime = std::chrono::hours{2};
    const auto one = this->driver->settled(this->launch(spec).front().id);
    ASSERT_TRUE(one.deadline.has_value());
    EXPECT_EQ(*one.deadline, one.launched + std::chrono::hours{2});
}

TYPED_TEST_P(InstancesConformance, TagsMayChangeLater) {
    auto spec = this->spec();
    spec.tags = {{"role", "web"}, {"Name", "web-"}};
    const auto id = this->launch(spec).front().id;
    this->driver->tags().set(id.str(), {{"Name", "web-1"}, {"more", "x"}});
    EXPECT_EQ(this->look(id).tags, (Tags{{"Name", "web-1"}, {"more", "x"}, {"role", "web"}}));
    this->driver->tags().unset(id.str(), {"more", "never"});
    EXPECT_EQ(this->look(id).tags, (Tags{{"Name", "web-1"}, {"role", "web"}}));
    EXPECT_EQ(
        kind_of([&] {
            this->driver->tags().set(InstanceId::random().str(), {{"a", "b"}});
        }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(InstancesConformance, TheConsoleOfAnUnknownOneIsNotFound) {
    EXPECT_EQ(
        kind_of([&] { (void)this->instances().console(InstanceId::random(), 0); }),
        ErrorKind::not_found
    );
    const auto one = this->launch_one();
    EXPECT_TRUE(this->instances().console(one.id, 0).open);
}

TYPED_TEST_P(InstancesConformance, KeysAreImportedOnce) {
    const auto key = this->keys().import("mine", kExamplePublicKey);
    EXPECT_THAT(key.fingerprint, ::testing::StartsWith("SHA256:"));
    EXPECT_EQ(
        kind_of([&] { (void)this->keys().import("mine", kExamplePublicKey); }), ErrorKind::conflict
    );
    EXPECT_EQ(
        kind_of([&] { (void)this->keys().import("other", "ssh-rsa nonsense"); }), ErrorKind::invalid
    );
    ASSERT_EQ(this->keys().describe({}).size(), 1U);
    EXPECT_EQ(this->keys().describe({"mine"}).front().public_key, kExamplePublicKey);
    EXPECT_EQ(kind_of([&] { (void)this->keys().describe({"nobodys"}); }), ErrorKind::not_found);
    this->keys().remove("mine");
    this->keys().remove("mine");
    EXPECT_TRUE(this->keys().describe({}).empty());
}

TYPED_TEST_P(InstancesConformance, GroupsAreMadeWholeAndFoundAgain) {
    SecurityGroupSpec spec;
    spec.name = "web";
    spec.description = "what the web needs";
    spec.ingress = {{"tcp", 80, 81, "0.0.0.0/0"}, {"icmp", 0, 0, "10.0.0.0/8"}};
    spec.tags = {{"kiln:instance-build", "x"}};
    const auto made = this->groups().create(spec);
    EXPECT_THAT(made.id, ::testing::StartsWith("sg-"));
    const auto seen = this->groups().describe({made.id}).front();
    EXPECT_EQ(seen.name, "web");
    EXPECT_EQ(seen.ingress, spec.ingress);
    EXPECT_EQ(seen.tags, spec.tags);
    EXPECT_EQ(kind_of([&] { (void)this->groups().create(spec); }), ErrorKind::conflict);
    spec.name = "bad";
    spec.ingress = {
        {"tcp", 80, 79, "0.0.0.0/0"}, {"tcp", 1, 1, "10.0.0.1/8"}, {"gre", 0, 0, "::/0"}};
    EXPECT_EQ(kind_of([&] { (void)this->groups().create(spec); }), ErrorKind::invalid);
    this->groups().remove(made.id);
    this->groups().remove(made.id);
    EXPECT_EQ(kind_of([&] { (void)this->groups().describe({made.id}); }), ErrorKind::not_found);
}

TYPED_TEST_P(InstancesConformance, AGroupGoesWithItsLastInstanceOnly) {
    SecurityGroupSpec group;
    group.name = "web";
    const auto id = this->groups().create(group).id;
    auto spec = this->spec();
    spec.security_groups = {id};
    const auto instance = this->launch(spec).front().id;
    EXPECT_EQ(kind_of([&] { this->groups().remove(id); }), ErrorKind::conflict);
    this->instances().terminate({instance}, this->soon());
    (void)this->driver->settled(instance);
    this->groups().remove(id);
}

REGISTER_TYPED_TEST_SUITE_P(
    InstancesConformance,
    WhatIsLaunchedIsPendingAndRecordedWithItsTags,
    ItRunsByItself,
    SeveralAreSeveralWithAddressesOfTheirOwn,
    TheSameTokenYieldsTheSameInstances,
    ATokenStandsForOneRequest,
    ABadRequestIsRefusedAndMakesNothing,
    FiltersMustAllHold,
    AStoppedOneKeepsItsVolumeAndStartsAgain,
    AForcedStopStops,
    ARebootedOneRuns,
    ChangesThatTheStateForbidsAreConflicts,
    ATerminatedOneLeavesItsRecord,
    OneThatIsPendingCanBeTerminated,
    ALifetimeIsADeadline,
    TagsMayChangeLater,
    TheConsoleOfAnUnknownOneIsNotFound,
    KeysAreImportedOnce,
    GroupsAreMadeWholeAndFoundAgain,
    AGroupGoesWithItsLastInstanceOnly
);

}  // namespace kiln::ports::testing
