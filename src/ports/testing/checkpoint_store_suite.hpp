#pragma once

#include "ports/checkpoint_store.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// Every rule of ports::CheckpointStore. A driver starts with an empty store and has
/// `static std::optional<std::string> unavailable()` and `CheckpointStore& store()`.
template <class Driver>
class CheckpointStoreConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    CheckpointStore& store() { return driver->store(); }

    Checkpoint make(const std::string& key, std::size_t commands) {
        clock.advance(std::chrono::seconds{1});
        Checkpoint checkpoint;
        checkpoint.key = key;
        checkpoint.snapshot = SnapshotId::random();
        checkpoint.commands = commands;
        checkpoint.stored = Bytes{4096};
        checkpoint.created = clock.now();
        checkpoint.used = clock.now();
        checkpoint.bake = BakeId::random();
        return checkpoint;
    }

    std::vector<std::string> keys() {
        std::vector<std::string> found;
        for (const auto& checkpoint : store().list()) {
            found.push_back(checkpoint.key);
        }
        return found;
    }

    std::optional<Driver> driver;
    FakeClock clock;
};

TYPED_TEST_SUITE_P(CheckpointStoreConformance);

TYPED_TEST_P(CheckpointStoreConformance, EveryFieldIsReadBack) {
    const auto put = this->make("k", 3);
    EXPECT_TRUE(this->store().put(put));
    const auto found = this->store().list();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "k");
    EXPECT_EQ(found[0].snapshot, put.snapshot);
    EXPECT_EQ(found[0].commands, 3U);
    EXPECT_EQ(found[0].stored, put.stored);
    EXPECT_EQ(found[0].created, put.created);
    EXPECT_EQ(found[0].used, put.used);
    EXPECT_EQ(found[0].bake, put.bake);
}

TYPED_TEST_P(CheckpointStoreConformance, AKeyAlreadyThereKeepsItsCheckpoint) {
    const auto first = this->make("k", 1);
    EXPECT_TRUE(this->store().put(first));
    EXPECT_FALSE(this->store().put(this->make("k", 2)));
    const auto found = this->store().list();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].snapshot, first.snapshot);
}

TYPED_TEST_P(CheckpointStoreConformance, TheOneWithMostCommandsIsFound) {
    this->store().put(this->make("one", 1));
    this->store().put(this->make("three", 3));
    this->store().put(this->make("two", 2));
    this->store().put(this->make("ten", 10));
    const auto found =
        this->store().find_longest({"one", "two", "three", "four"}, this->clock.now());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key, "three");
}

TYPED_TEST_P(CheckpointStoreConformance, NothingIsFoundWhereNoKeyIsKnown) {
    this->store().put(this->make("one", 1));
    EXPECT_FALSE(this->store().find_longest({"two"}, this->clock.now()));
    EXPECT_FALSE(this->store().find_longest({}, this->clock.now()));
}

TYPED_TEST_P(CheckpointStoreConformance, LeastRecentlyUsedIsListedFirst) {
    this->store().put(this->make("a", 1));
    this->store().put(this->make("b", 1));
    this->store().put(this->make("c", 1));
    EXPECT_THAT(this->keys(), ::testing::ElementsAre("a", "b", "c"));
    this->clock.advance(std::chrono::seconds{1});
    ASSERT_TRUE(this->store().find_longest({"a"}, this->clock.now()));
    EXPECT_THAT(this->keys(), ::testing::ElementsAre("b", "c", "a"));
}

TYPED_TEST_P(CheckpointStoreConformance, OnlyTheOneFoundIsMarkedUsed) {
    this->store().put(this->make("a", 1));
    this->store().put(this->make("b", 2));
    this->clock.advance(std::chrono::seconds{1});
    const auto found = this->store().find_longest({"a", "b"}, this->clock.now());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->used, this->clock.now());
    const auto all = this->store().list();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_LT(all[0].used, this->clock.now());
    EXPECT_EQ(all[1].used, this->clock.now());
}

TYPED_TEST_P(CheckpointStoreConformance, RemovedIsGoneAndAbsentIsSuccess) {
    this->store().put(this->make("a", 1));
    this->store().remove("a");
    this->store().remove("a");
    EXPECT_TRUE(this->store().list().empty());
    EXPECT_FALSE(this->store().find_longest({"a"}, this->clock.now()));
}

REGISTER_TYPED_TEST_SUITE_P(
    CheckpointStoreConformance,
    EveryFieldIsReadBack,
    AKeyAlreadyThereKeepsItsCheckpoint,
    TheOneWithMostCommandsIsFound,
    NothingIsFoundWhereNoKeyIsKnown,
    LeastRecentlyUsedIsListedFirst,
    OnlyTheOneFoundIsMarkedUsed,
    RemovedIsGoneAndAbsentIsSuccess
);

}  // namespace kiln::ports::testing
