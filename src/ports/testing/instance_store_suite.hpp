#pragma once

#include "ports/instance_rules.hpp"
#include "ports/instance_store.hpp"
#include "ports/ledger.hpp"
#include "ports/testing/kind_of.hpp"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every store of instances, key pairs and security groups does. A driver has
/// `static std::optional<std::string> unavailable()`, `InstanceStore& instances()`, `KeyPairStore&
/// keys()`, `SecurityGroupStore& groups()`, empty at first, and `Ledger& ledger()` of the same
/// store.
namespace kiln::ports::testing {

template <class Driver>
class InstanceStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    InstanceStore& store() { return driver->instances(); }

    static TimePoint at(std::int64_t seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

    static InstanceRecord record(std::string token = "") {
        InstanceRecord one;
        one.instance.id = InstanceId::random();
        one.instance.type = "ct.small";
        one.instance.image = ImageId::random();
        one.instance.zone = "local-1a";
        one.instance.root_volume = VolumeId::random();
        one.instance.client_token = std::move(token);
        one.instance.launched = at(7);
        one.request = "hash";
        return one;
    }

    /// Has something in every field that a store keeps.
    static InstanceRecord full_record() {
        auto one = record("token");
        auto& instance = one.instance;
        instance.reason = "Client.\"it\": \xc3\xa9";
        instance.public_ip = "192.0.2.1";
        instance.shutdown = ShutdownBehaviour::terminate;
        instance.ended = at(9);
        instance.deadline = at(10);
        instance.tags = {{"role", "web"}, {"Name", ""}};
        one.user_data = std::string{"#!/bin/sh\n\x01\xc3\xa9"};
        one.volume_size = Bytes{std::uint64_t{5} << 40};
        one.lifetime = std::chrono::hours{2};
        one.keeper = HolderId::random();
        one.job = JobId::random();
        one.wish = Wish::reboot;
        one.force = Force::yes;
        one.starts = 3;
        one.first_process = 17;
        one.forwards = {{22, "127.0.0.1:2200"}, {80, "127.0.0.1:8000"}};
        return one;
    }

    std::vector<InstanceRecord> add(std::vector<InstanceRecord> records, AddressRange range) {
        return store().add(JobId::random(), std::move(records), range);
    }

    InstanceRecord add(InstanceRecord one) {
        return add(std::vector{std::move(one)}, kRange).front();
    }

    std::vector<InstanceId> ids(const InstanceFilter& filter) {
        std::vector<InstanceId> found;
        for (const auto& one : store().list(filter)) {
            found.push_back(one.instance.id);
        }
        return found;
    }

    static void expect_same(const InstanceRecord& one, const InstanceRecord& other) {
        const auto& left = one.instance;
        const auto& right = other.instance;
        EXPECT_EQ(to_json(left), to_json(right));
        EXPECT_EQ(left.root_volume, right.root_volume);
        EXPECT_EQ(left.deadline, right.deadline);
        EXPECT_EQ(left.ended, right.ended);
        EXPECT_EQ(left.shutdown, right.shutdown);
        EXPECT_EQ(one.revision, other.revision);
        EXPECT_EQ(one.place, other.place);
        EXPECT_EQ(one.user_data, other.user_data);
        EXPECT_EQ(one.request, other.request);
        EXPECT_EQ(one.volume_size, other.volume_size);
        EXPECT_EQ(one.lifetime, other.lifetime);
        EXPECT_EQ(one.keeper, other.keeper);
        EXPECT_EQ(one.job, other.job);
        EXPECT_EQ(one.wish, other.wish);
        EXPECT_EQ(one.force, other.force);
        EXPECT_EQ(one.starts, other.starts);
        EXPECT_EQ(one.first_process, other.first_process);
        EXPECT_EQ(one.forwards, other.forwards);
    }

    static inline const AddressRange kRange{"10.64.4.", 2, 254};
    std::optional<Driver> driver;
};

TYPED_TEST_SUITE_P(InstanceStoreConformance);

TYPED_TEST_P(InstanceStoreConformance, WhatIsAddedIsFoundWhole) {
    const auto given = this->full_record();
    const auto added = this->add(given);
    EXPECT_EQ(added.place, 1);
    EXPECT_EQ(added.instance.private_ip, "10.64.4.2");
    auto expected = given;
    expected.place = added.place;
    expected.revision = added.revision;
    expected.instance.private_ip = added.instance.private_ip;
    this->expect_same(added, expected);
    const auto found = this->store().find(given.instance.id);
    ASSERT_TRUE(found.has_value());
    this->expect_same(*found, expected);
    EXPECT_FALSE(this->store().find(InstanceId::random()).has_value());
}

TYPED_TEST_P(InstanceStoreConformance, EachGetsAPlaceAndAnAddressOfItsOwn) {
    (void)this->add(this->record());
    const auto made = this->add({this->record(), this->record()}, this->kRange);
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[0].place, 2);
    EXPECT_EQ(made[1].place, 3);
    EXPECT_EQ(made[0].instance.private_ip, "10.64.4.3");
    EXPECT_EQ(made[1].instance.private_ip, "10.64.4.4");
}

TYPED_TEST_P(InstanceStoreConformance, AnAddressIsFreeWhenItsInstanceIsTerminated) {
    auto gone = this->add(this->record());
    auto stopped = this->add(this->record());
    gone.instance.state = InstanceState::terminated;
    stopped.instance.state = InstanceState::stopped;
    ASSERT_TRUE(this->store().replace(gone));
    ASSERT_TRUE(this->store().replace(stopped));
    EXPECT_EQ(this->add(this->record()).instance.private_ip, gone.instance.private_ip);
    EXPECT_EQ(this->add(this->record()).instance.private_ip, "10.64.4.4");
}

TYPED_TEST_P(InstanceStoreConformance, WithoutEnoughAddressesNoneIsAdded) {
    const AddressRange small{"10.64.4.", 2, 3};
    EXPECT_EQ(
        kind_of([&] {
            (void)this->add({this->record(), this->record(), this->record()}, small);
        }),
        ErrorKind::exhausted
    );
    EXPECT_THAT(this->store().list({}), ::testing::IsEmpty());
    EXPECT_EQ(this->add({this->record(), this->record()}, small).size(), 2U);
}

TYPED_TEST_P(InstanceStoreConformance, ATokenStandsForWhatWasAddedWithIt) {
    auto tagged = this->record("token");
    tagged.instance.tags = {{"role", "web"}};
    const auto first = this->add({tagged, this->record("token")}, this->kRange);
    const auto second = this->add({this->record("token"), this->record("token")}, this->kRange);
    ASSERT_EQ(second.size(), 2U);
    this->expect_same(second[0], first[0]);
    this->expect_same(second[1], first[1]);
    EXPECT_EQ(this->store().list({}).size(), 2U);
    auto other = this->record("token");
    other.request = "another hash";
    EXPECT_EQ(kind_of([&] { (void)this->add(other); }), ErrorKind::conflict);
    EXPECT_EQ(this->add(this->record("")).place, 3) << "no token is no token";
    EXPECT_EQ(this->add(this->record("")).place, 4);
}

TYPED_TEST_P(InstanceStoreConformance, OfManyWithOneTokenOneWins) {
    std::vector<std::string> won(4);
    {
        std::vector<std::jthread> threads;
        for (auto& id : won) {
            threads.emplace_back([&] { id = this->add(this->record("token")).instance.id.str(); });
        }
    }
    EXPECT_THAT(won, ::testing::Each(won.front()));
    EXPECT_EQ(this->store().list({}).size(), 1U);
}

TYPED_TEST_P(InstanceStoreConformance, WhatItNamesMustBeThere) {
    auto keyed = this->record();
    keyed.instance.key_name = "mine";
    auto grouped = this->record();
    grouped.instance.security_groups = {"sg-00000000000000001"};
    EXPECT_EQ(kind_of([&] { (void)this->add(keyed); }), ErrorKind::not_found);
    EXPECT_EQ(kind_of([&] { (void)this->add(grouped); }), ErrorKind::not_found);
    EXPECT_THAT(this->store().list({}), ::testing::IsEmpty());
    ASSERT_TRUE(this->driver->keys().add({"mine", "ssh-ed25519 A", "SHA256:x", this->at(1)}));
    ASSERT_TRUE(this->driver->groups().add({"sg-00000000000000001", "web", "", {}, {}}));
    EXPECT_EQ(this->add(keyed).instance.key_name, "mine");
    EXPECT_EQ(this->add(grouped).instance.security_groups, grouped.instance.security_groups);
}

TYPED_TEST_P(InstanceStoreConformance, ItsVolumeIsNoLongerTheJobs) {
    const auto job = JobId::random();
    const auto one = this->record();
    const auto other = VolumeId::random();
    this->driver->ledger().intend(
        job,
        {{ResourceKind::volume, one.instance.root_volume.str()},
         {ResourceKind::volume, other.str()},
         {ResourceKind::layer, "layer"}}
    );
    (void)this->store().add(job, {one}, this->kRange);
    const auto left = this->driver->ledger().entries();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].resource, (Resource{ResourceKind::volume, other.str()}));
}

TYPED_TEST_P(InstanceStoreConformance, ListsAreNewestFirstAndEveryFilterMustHold) {
    auto web = this->record("t");
    web.instance.tags = {{"role", "web"}, {"env", "prod"}};
    auto db = this->record();
    db.instance.tags = {{"role", "db"}, {"env", "prod"}};
    const auto web_id = this->add(web).instance.id;
    const auto db_id = this->add(db).instance.id;
    using ::testing::ElementsAre;
    EXPECT_THAT(this->ids({}), ElementsAre(db_id, web_id));
    InstanceFilter filter;
    filter.tags = {{"role", {"web", "db"}}, {"env", {"prod"}}};
    EXPECT_THAT(this->ids(filter), ElementsAre(db_id, web_id));
    filter.ids = {web_id, InstanceId::random()};
    EXPECT_THAT(this->ids(filter), ElementsAre(web_id));
    filter.states = {InstanceState::running};
    EXPECT_TRUE(this->ids(filter).empty());
    filter = {};
    filter.client_token = "t";
    filter.tag_keys = {"env"};
    EXPECT_THAT(this->ids(filter), ElementsAre(web_id));
}

TYPED_TEST_P(InstanceStoreConformance, AReplacementWantsTheRevisionThatItRead) {
    auto one = this->record();
    one.instance.tags = {{"role", "web"}};
    const auto read = this->add(one);
    auto mine = read;
    mine.instance.state = InstanceState::running;
    mine.instance.tags = {{"role", "other"}};
    auto theirs = read;
    theirs.instance.state = InstanceState::stopped;
    EXPECT_TRUE(this->store().replace(mine));
    EXPECT_FALSE(this->store().replace(theirs));
    const auto now = *this->store().find(read.instance.id);
    EXPECT_EQ(now.instance.state, InstanceState::running);
    EXPECT_EQ(now.revision, read.revision + 1);
    EXPECT_EQ(now.instance.tags, one.instance.tags) << "tags are not its business";
    EXPECT_FALSE(this->store().replace(this->record())) << "it was never there";
}

TYPED_TEST_P(InstanceStoreConformance, WhatIsRemovedIsGoneWithItsTags) {
    auto one = this->record();
    one.instance.tags = {{"role", "web"}};
    const auto id = this->add(one).instance.id;
    this->store().remove({id, InstanceId::random()});
    this->store().remove({id});
    EXPECT_FALSE(this->store().find(id).has_value());
    auto again = this->record();
    again.instance.id = id;
    (void)this->add(again);
    EXPECT_TRUE(this->store().find(id)->instance.tags.empty());
}

TYPED_TEST_P(InstanceStoreConformance, KeysHaveNamesOfTheirOwn) {
    auto& keys = this->driver->keys();
    EXPECT_TRUE(keys.add({"b", "ssh-ed25519 B", "SHA256:b", this->at(2)}));
    EXPECT_TRUE(keys.add({"a", "ssh-ed25519 A", "SHA256:a", this->at(1)}));
    EXPECT_FALSE(keys.add({"a", "ssh-ed25519 C", "SHA256:c", this->at(3)}));
    const auto all = keys.list();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "a");
    EXPECT_EQ(all[0].public_key, "ssh-ed25519 A");
    EXPECT_EQ(all[0].fingerprint, "SHA256:a");
    EXPECT_EQ(all[0].created, this->at(1));
    keys.remove("a");
    keys.remove("a");
    ASSERT_EQ(keys.list().size(), 1U);
    EXPECT_EQ(keys.list().front().name, "b");
}

TYPED_TEST_P(InstanceStoreConformance, GroupsAreKeptWhole) {
    auto& groups = this->driver->groups();
    const SecurityGroup web{
        "sg-00000000000000002",
        "web",
        "for \xc3\xa9",
        {{"tcp", 80, 81, "0.0.0.0/0"}, {"icmp", 0, 0, "10.0.0.0/8"}},
        {{"kiln:instance-build", "x"}}};
    const SecurityGroup db{"sg-00000000000000001", "db", "", {}, {}};
    EXPECT_TRUE(groups.add(web));
    EXPECT_TRUE(groups.add(db));
    EXPECT_FALSE(groups.add({"sg-00000000000000003", "web", "", {}, {{"a", "b"}}}));
    const auto all = groups.list();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "db");
    EXPECT_EQ(all[1].id, web.id);
    EXPECT_EQ(all[1].description, web.description);
    EXPECT_EQ(all[1].ingress, web.ingress);
    EXPECT_EQ(all[1].tags, web.tags);
}

TYPED_TEST_P(InstanceStoreConformance, AGroupThatAnInstanceHasIsNotRemoved) {
    auto& groups = this->driver->groups();
    const std::string id{"sg-00000000000000001"};
    ASSERT_TRUE(groups.add({id, "web", "", {}, {}}));
    auto one = this->record();
    one.instance.security_groups = {id};
    auto added = this->add(one);
    EXPECT_EQ(groups.remove(id), added.instance.id);
    EXPECT_EQ(groups.list().size(), 1U);
    added.instance.state = InstanceState::terminated;
    ASSERT_TRUE(this->store().replace(added));
    EXPECT_EQ(groups.remove(id), std::nullopt);
    EXPECT_EQ(groups.remove(id), std::nullopt) << "absent is success";
    EXPECT_THAT(groups.list(), ::testing::IsEmpty());
}

REGISTER_TYPED_TEST_SUITE_P(
    InstanceStoreConformance,
    WhatIsAddedIsFoundWhole,
    EachGetsAPlaceAndAnAddressOfItsOwn,
    AnAddressIsFreeWhenItsInstanceIsTerminated,
    WithoutEnoughAddressesNoneIsAdded,
    ATokenStandsForWhatWasAddedWithIt,
    OfManyWithOneTokenOneWins,
    WhatItNamesMustBeThere,
    ItsVolumeIsNoLongerTheJobs,
    ListsAreNewestFirstAndEveryFilterMustHold,
    AReplacementWantsTheRevisionThatItRead,
    WhatIsRemovedIsGoneWithItsTags,
    KeysHaveNamesOfTheirOwn,
    GroupsAreKeptWhole,
    AGroupThatAnInstanceHasIsNotRemoved
);

}  // namespace kiln::ports::testing
