#pragma once

#include "ports/bake_store.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"

#include <barrier>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// Every rule of ports::BakeStore. A driver starts with an empty store and has
/// `static std::optional<std::string> unavailable()` and `BakeStore& store()`.
template <class Driver>
class BakeStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    BakeStore& store() { return driver->store(); }

    /// A record of its own id, newer than those made before.
    BakeRecord make(const std::string& key, const std::string& name = "web") {
        clock.advance(std::chrono::seconds{1});
        BakeRecord record;
        record.id = BakeId::random();
        record.key = key;
        record.name = name;
        record.holder = HolderId::random();
        record.job = JobId::random();
        record.parent = ImageId::random();
        record.request = json::object{{"name", name}};
        record.created = clock.now();
        return record;
    }

    BakeRecord started(const std::string& key, const std::string& name = "web") {
        const auto begun = store().begin(make(key, name), false);
        EXPECT_TRUE(begun.inserted);
        return begun.record;
    }

    void end(const BakeRecord& record, BakeState state) {
        BakeStore::Ending ending{
            .state = state, .image = {}, .result = json::object{}, .at = clock.now()};
        if (state == BakeState::succeeded) {
            ending.image = ImageId::random();
        }
        store().append(record.id, record.attempt, {}, ending);
    }

    static BakeEvent event(std::int64_t sequence) {
        BakeEvent event;
        event.sequence = sequence;
        event.category = "LOG";
        event.message = "line " + std::to_string(sequence);
        return event;
    }

    std::vector<BakeId> listed(const BakeFilter& filter = {}) {
        std::vector<BakeId> ids;
        for (const auto& record : store().list(filter)) {
            ids.push_back(record.id);
        }
        return ids;
    }

    std::optional<Driver> driver;
    FakeClock clock;
};

TYPED_TEST_SUITE_P(BakeStoreConformance);

TYPED_TEST_P(BakeStoreConformance, EveryFieldOfARecordIsReadBack) {
    const auto put = this->make("key", "web@main");
    EXPECT_TRUE(this->store().begin(put, false).inserted);
    const auto got = this->store().get(put.id);
    EXPECT_EQ(got.id, put.id);
    EXPECT_EQ(got.key, "key");
    EXPECT_EQ(got.name, "web@main");
    EXPECT_EQ(got.state, BakeState::running);
    EXPECT_EQ(got.holder, put.holder);
    EXPECT_EQ(got.job, put.job);
    EXPECT_EQ(got.parent, put.parent);
    EXPECT_EQ(got.image, std::nullopt);
    EXPECT_EQ(got.request, put.request);
    EXPECT_TRUE(got.result.is_null());
    EXPECT_EQ(got.created, put.created);
    EXPECT_EQ(got.ended, std::nullopt);
}

TYPED_TEST_P(BakeStoreConformance, ARunningBakeOfTheKeyIsJoined) {
    const auto running = this->started("key");
    const auto begun = this->store().begin(this->make("key"), false);
    EXPECT_FALSE(begun.inserted);
    EXPECT_EQ(begun.record.id, running.id);
    EXPECT_EQ(this->listed().size(), 1U);
}

TYPED_TEST_P(BakeStoreConformance, ForceJoinsARunningBakeToo) {
    const auto running = this->started("key");
    const auto begun = this->store().begin(this->make("key"), true);
    EXPECT_FALSE(begun.inserted);
    EXPECT_EQ(begun.record.id, running.id);
}

TYPED_TEST_P(BakeStoreConformance, AnotherKeyIsAnotherBake) {
    this->started("key");
    EXPECT_TRUE(this->store().begin(this->make("other"), false).inserted);
}

TYPED_TEST_P(BakeStoreConformance, TheNewestSucceededBakeIsReturned) {
    const auto older = this->started("key");
    this->end(older, BakeState::succeeded);
    const auto newer = this->store().begin(this->make("key"), true).record;
    this->end(newer, BakeState::succeeded);
    const auto begun = this->store().begin(this->make("key"), false);
    EXPECT_FALSE(begun.inserted);
    EXPECT_EQ(begun.record.id, newer.id);
    EXPECT_EQ(begun.record.state, BakeState::succeeded);
    EXPECT_TRUE(begun.record.image);
}

TYPED_TEST_P(BakeStoreConformance, ForceNeverReturnsAFinishedBake) {
    this->end(this->started("key"), BakeState::succeeded);
    EXPECT_TRUE(this->store().begin(this->make("key"), true).inserted);
}

TYPED_TEST_P(BakeStoreConformance, ARunningBakeGoesBeforeASucceededOne) {
    this->end(this->started("key"), BakeState::succeeded);
    const auto running = this->store().begin(this->make("key"), true).record;
    EXPECT_EQ(this->store().begin(this->make("key"), false).record.id, running.id);
}

TYPED_TEST_P(BakeStoreConformance, ABakeThatDidNotSucceedIsNeitherJoinedNorReturned) {
    for (const auto state : {BakeState::failed, BakeState::cancelled, BakeState::interrupted}) {
        this->end(this->started("key"), state);
    }
    EXPECT_TRUE(this->store().begin(this->make("key"), false).inserted);
}

TYPED_TEST_P(BakeStoreConformance, AnIdIsUsedOnce) {
    auto record = this->started("key");
    record.key = "other";
    EXPECT_EQ(kind_of([&] { (void)this->store().begin(record, false); }), ErrorKind::conflict);
}

TYPED_TEST_P(BakeStoreConformance, OfManyCallersAtOnceExactlyOneInserts) {
    constexpr int kCallers = 8;
    std::vector<BakeRecord> records;
    for (int i = 0; i < kCallers; ++i) {
        records.push_back(this->make("key"));
    }
    std::barrier together{kCallers};
    std::atomic<int> inserted{0};
    std::vector<std::jthread> callers;
    for (const auto& record : records) {
        callers.emplace_back([&] {
            together.arrive_and_wait();
            inserted += this->store().begin(record, false).inserted ? 1 : 0;
        });
    }
    callers.clear();
    EXPECT_EQ(inserted, 1);
    EXPECT_EQ(this->listed().size(), 1U);
}

TYPED_TEST_P(BakeStoreConformance, EveryFieldOfAnEventIsReadBack) {
    const auto bake = this->started("key");
    BakeEvent put;
    put.sequence = 1;
    put.category = "STEP";
    put.time = this->clock.now();
    put.step = "run";
    put.message = "caf\xc3\xa9\n";
    put.data = json::object{{"seconds", 0.5}};
    put.final = true;
    this->store().append(bake.id, 1, {put}, std::nullopt);
    const auto got = this->store().events(bake.id, {}, 10);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].sequence, 1);
    EXPECT_EQ(got[0].category, "STEP");
    EXPECT_EQ(got[0].time, put.time);
    EXPECT_EQ(got[0].step, "run");
    EXPECT_EQ(got[0].message, put.message);
    EXPECT_EQ(got[0].data, put.data);
    EXPECT_TRUE(got[0].final);
}

TYPED_TEST_P(BakeStoreConformance, EventsAreReadFromAnyPointInOrder) {
    const auto bake = this->started("key");
    this->store().append(bake.id, 1, {this->event(1), this->event(2)}, std::nullopt);
    this->store().append(bake.id, 1, {this->event(3), this->event(4)}, std::nullopt);
    const auto got = this->store().events(bake.id, {1, 1}, 2);
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].sequence, 2);
    EXPECT_EQ(got[1].sequence, 3);
    EXPECT_TRUE(this->store().events(bake.id, {1, 4}, 10).empty());
}

TYPED_TEST_P(BakeStoreConformance, EventsOfOneBakeAreNotAnothers) {
    const auto bake = this->started("key");
    const auto other = this->started("other");
    this->store().append(bake.id, 1, {this->event(1)}, std::nullopt);
    EXPECT_TRUE(this->store().events(other.id, {}, 10).empty());
}

TYPED_TEST_P(BakeStoreConformance, ASequenceNumberIsGivenOnce) {
    const auto bake = this->started("key");
    this->store().append(bake.id, 1, {this->event(1)}, std::nullopt);
    EXPECT_EQ(
        kind_of([&] {
            this->store().append(bake.id, 1, {this->event(2), this->event(1)}, std::nullopt);
        }),
        ErrorKind::conflict
    );
    EXPECT_EQ(this->store().events(bake.id, {}, 10).size(), 1U);
}

TYPED_TEST_P(BakeStoreConformance, EndingIsRecordedWithItsEvents) {
    const auto bake = this->started("key");
    const auto image = ImageId::random();
    this->clock.advance(std::chrono::seconds{9});
    this->store().append(
        bake.id,
        1,
        {this->event(1)},
        BakeStore::Ending{
            .state = BakeState::succeeded,
            .image = image,
            .result = json::object{{"seconds", 9}},
            .at = this->clock.now()}
    );
    const auto got = this->store().get(bake.id);
    EXPECT_EQ(got.state, BakeState::succeeded);
    EXPECT_EQ(got.image, image);
    EXPECT_EQ(got.result, (json::object{{"seconds", 9}}));
    EXPECT_EQ(got.ended, this->clock.now());
    EXPECT_EQ(this->store().events(bake.id, {}, 10).size(), 1U);
}

TYPED_TEST_P(BakeStoreConformance, AFinishedBakeIsNotFinishedAgain) {
    const auto bake = this->started("key");
    this->end(bake, BakeState::cancelled);
    EXPECT_EQ(kind_of([&] { this->end(bake, BakeState::succeeded); }), ErrorKind::conflict);
    EXPECT_EQ(this->store().get(bake.id).state, BakeState::cancelled);
}

TYPED_TEST_P(BakeStoreConformance, AFinishedBakeTakesNoMoreEvents) {
    const auto bake = this->started("key");
    this->end(bake, BakeState::interrupted);
    EXPECT_EQ(
        kind_of([&] { this->store().append(bake.id, 1, {this->event(1)}, std::nullopt); }),
        ErrorKind::conflict
    );
    EXPECT_TRUE(this->store().events(bake.id, {}, 10).empty());
}

TYPED_TEST_P(BakeStoreConformance, AnUnknownBakeIsNotFound) {
    const auto id = BakeId::random();
    EXPECT_EQ(kind_of([&] { (void)this->store().get(id); }), ErrorKind::not_found);
    EXPECT_EQ(
        kind_of([&] { this->store().append(id, 1, {this->event(1)}, std::nullopt); }),
        ErrorKind::not_found
    );
}

TYPED_TEST_P(BakeStoreConformance, NewestIsListedFirst) {
    const auto a = this->started("a");
    const auto b = this->started("b");
    const auto c = this->started("c");
    EXPECT_THAT(this->listed(), ::testing::ElementsAre(c.id, b.id, a.id));
    EXPECT_THAT(this->listed({.limit = 2}), ::testing::ElementsAre(c.id, b.id));
}

TYPED_TEST_P(BakeStoreConformance, ListIsFilteredByState) {
    const auto a = this->started("a");
    const auto b = this->started("b");
    this->end(a, BakeState::failed);
    EXPECT_THAT(this->listed({.state = BakeState::running}), ::testing::ElementsAre(b.id));
    EXPECT_THAT(this->listed({.state = BakeState::failed}), ::testing::ElementsAre(a.id));
    EXPECT_TRUE(this->listed({.state = BakeState::succeeded}).empty());
}

TYPED_TEST_P(BakeStoreConformance, ListIsFilteredByNameWithWildcards) {
    const auto web = this->started("a", "web@main@1");
    const auto db = this->started("b", "db_main");
    const auto upper = this->started("c", "WEB@main@2");
    EXPECT_THAT(this->listed({.name = "web@*"}), ::testing::ElementsAre(web.id));
    EXPECT_THAT(this->listed({.name = "db?main"}), ::testing::ElementsAre(db.id));
    EXPECT_THAT(this->listed({.name = "WEB@main@2"}), ::testing::ElementsAre(upper.id));
    EXPECT_THAT(this->listed({.name = "w*", .limit = 1}), ::testing::ElementsAre(web.id));
    EXPECT_TRUE(this->listed({.name = "web"}).empty());
}

TYPED_TEST_P(BakeStoreConformance, AListGoesOnAfterABake) {
    const auto a = this->started("a");
    const auto b = this->started("b");
    const auto c = this->started("c");
    EXPECT_THAT(this->listed({.older_than = c.id}), ::testing::ElementsAre(b.id, a.id));
    EXPECT_THAT(this->listed({.older_than = c.id, .limit = 1}), ::testing::ElementsAre(b.id));
    EXPECT_TRUE(this->listed({.older_than = a.id}).empty());
    EXPECT_TRUE(this->listed({.older_than = BakeId::random()}).empty()) << "it may be gone";
}

TYPED_TEST_P(BakeStoreConformance, BakesAreCountedByState) {
    EXPECT_TRUE(this->store().count().empty());
    (void)this->started("a");
    (void)this->started("b");
    this->end(this->started("c"), BakeState::failed);
    const auto counts = this->store().count();
    EXPECT_EQ(counts.at(BakeState::running), 2);
    EXPECT_EQ(counts.at(BakeState::failed), 1);
}

TYPED_TEST_P(BakeStoreConformance, EndedBakesAreForgottenWithTheirEvents) {
    const auto old = this->started("old");
    this->store().append(old.id, 1, {this->event(1)}, std::nullopt);
    this->end(old, BakeState::failed);
    const auto running = this->started("running");
    this->clock.advance(std::chrono::hours{24});
    const auto fresh = this->started("fresh");
    this->end(fresh, BakeState::succeeded);
    EXPECT_EQ(this->store().forget({old.id, running.id, BakeId::random()}), 1U);
    EXPECT_THAT(this->listed(), ::testing::ElementsAre(fresh.id, running.id));
    EXPECT_TRUE(this->store().events(old.id, {}, 10).empty());
    EXPECT_EQ(this->store().forget({old.id}), 0U);
}

REGISTER_TYPED_TEST_SUITE_P(
    BakeStoreConformance,
    EveryFieldOfARecordIsReadBack,
    ARunningBakeOfTheKeyIsJoined,
    ForceJoinsARunningBakeToo,
    AnotherKeyIsAnotherBake,
    TheNewestSucceededBakeIsReturned,
    ForceNeverReturnsAFinishedBake,
    ARunningBakeGoesBeforeASucceededOne,
    ABakeThatDidNotSucceedIsNeitherJoinedNorReturned,
    AnIdIsUsedOnce,
    OfManyCallersAtOnceExactlyOneInserts,
    EveryFieldOfAnEventIsReadBack,
    EventsAreReadFromAnyPointInOrder,
    EventsOfOneBakeAreNotAnothers,
    ASequenceNumberIsGivenOnce,
    EndingIsRecordedWithItsEvents,
    AFinishedBakeIsNotFinishedAgain,
    AFinishedBakeTakesNoMoreEvents,
    AnUnknownBakeIsNotFound,
    NewestIsListedFirst,
    ListIsFilteredByState,
    ListIsFilteredByNameWithWildcards,
    AListGoesOnAfterABake,
    BakesAreCountedByState,
    EndedBakesAreForgottenWithTheirEvents
);

}  // namespace kiln::ports::testing
