#pragma once

#include "ports/ledger.hpp"
#include "ports/testing/fake_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// Every rule of ports::Ledger. A driver starts with an empty ledger and has
/// `static std::optional<std::string> unavailable()`, `Ledger& as(const HolderId&)` (the same
/// ledger seen by that process) and `FakeClock& clock()`.
template <class Driver>
class LedgerConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    Ledger& ledger() { return driver->as(holder); }

    std::vector<std::string> names() {
        std::vector<std::string> found;
        for (const auto& entry : ledger().entries()) {
            found.push_back(entry.resource.name);
        }
        return found;
    }

    static Resource folder(const std::string& name) { return {ResourceKind::folder, name}; }

    std::optional<Driver> driver;
    const HolderId holder = HolderId::random();
    const JobId job = JobId::random();
    const JobId other_job = JobId::random();
};

TYPED_TEST_SUITE_P(LedgerConformance);

TYPED_TEST_P(LedgerConformance, StartsEmpty) {
    EXPECT_TRUE(this->ledger().entries().empty());
    EXPECT_TRUE(this->ledger().holders().empty());
}

TYPED_TEST_P(LedgerConformance, EntryHoldsAllThatWasWritten) {
    this->driver->clock().advance(std::chrono::seconds{7});
    this->ledger().intend(this->job, {{ResourceKind::cgroup, "kiln/x"}});
    const auto entries = this->ledger().entries();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].resource, (Resource{ResourceKind::cgroup, "kiln/x"}));
    EXPECT_EQ(entries[0].job, this->job);
    EXPECT_EQ(entries[0].holder, this->holder);
    EXPECT_EQ(entries[0].since, this->driver->clock().now());
}

TYPED_TEST_P(LedgerConformance, EntriesKeepTheirOrder) {
    this->ledger().intend(this->job, {this->folder("/a"), this->folder("/b")});
    this->ledger().intend(this->other_job, {this->folder("/c")});
    EXPECT_THAT(this->names(), ::testing::ElementsAre("/a", "/b", "/c"));
    const auto entries = this->ledger().entries();
    EXPECT_LT(entries[0].sequence, entries[1].sequence);
    EXPECT_LT(entries[1].sequence, entries[2].sequence);
}

TYPED_TEST_P(LedgerConformance, OrderHoldsAfterEntriesWereReleased) {
    this->ledger().intend(this->job, {this->folder("/a"), this->folder("/b")});
    this->ledger().release(this->job, {this->folder("/a")});
    this->ledger().intend(this->job, {this->folder("/c")});
    EXPECT_THAT(this->names(), ::testing::ElementsAre("/b", "/c"));
}

TYPED_TEST_P(LedgerConformance, AnEntryAlreadyThereIsLeftAsItIs) {
    this->ledger().intend(this->job, {this->folder("/a")});
    const auto before = this->ledger().entries();
    this->driver->clock().advance(std::chrono::seconds{1});
    this->ledger().intend(this->job, {this->folder("/a"), this->folder("/b")});
    const auto after = this->ledger().entries();
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[0].sequence, before[0].sequence);
    EXPECT_EQ(after[0].since, before[0].since);
}

TYPED_TEST_P(LedgerConformance, TheSameNameOfAnotherKindIsAnotherResource) {
    this->ledger().intend(this->job, {this->folder("/a"), {ResourceKind::mount, "/a"}});
    this->ledger().release(this->job, {this->folder("/a")});
    const auto entries = this->ledger().entries();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].resource.kind, ResourceKind::mount);
}

TYPED_TEST_P(LedgerConformance, ReleaseTakesOnlyTheJobsOwn) {
    this->ledger().intend(this->job, {this->folder("/a")});
    this->ledger().intend(this->other_job, {this->folder("/a"), this->folder("/b")});
    this->ledger().release(this->job, {this->folder("/a"), this->folder("/b")});
    const auto entries = this->ledger().entries();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].job, this->other_job);
    EXPECT_EQ(entries[1].job, this->other_job);
}

TYPED_TEST_P(LedgerConformance, ReleaseOfNothingIsSuccess) {
    this->ledger().release(this->job, {this->folder("/never")});
    this->ledger().release_all(this->job);
    this->ledger().intend(this->job, {});
    EXPECT_TRUE(this->ledger().entries().empty());
}

TYPED_TEST_P(LedgerConformance, ReleaseAllTakesTheJobWhole) {
    this->ledger().intend(this->job, {this->folder("/a"), this->folder("/b")});
    this->ledger().intend(this->other_job, {this->folder("/c")});
    this->ledger().release_all(this->job);
    EXPECT_THAT(this->names(), ::testing::ElementsAre("/c"));
}

TYPED_TEST_P(LedgerConformance, HoldersAreNamedOnce) {
    const auto other = HolderId::random();
    this->ledger().intend(this->job, {this->folder("/a"), this->folder("/b")});
    this->driver->as(other).intend(this->other_job, {this->folder("/c")});
    EXPECT_THAT(this->ledger().holders(), ::testing::UnorderedElementsAre(this->holder, other));
    this->ledger().release_all(this->job);
    EXPECT_THAT(this->ledger().holders(), ::testing::ElementsAre(other));
}

TYPED_TEST_P(LedgerConformance, AnotherProcessMayReleaseAJob) {
    this->ledger().intend(this->job, {this->folder("/a")});
    this->driver->as(HolderId::random()).release_all(this->job);
    EXPECT_TRUE(this->ledger().entries().empty());
}

TYPED_TEST_P(LedgerConformance, EveryKindIsReadBack) {
    using enum ResourceKind;
    const std::vector<Resource> all{
        {process, "1"},
        {mount, "2"},
        {loop, "3"},
        {cgroup, "4"},
        {ResourceKind::folder, "5"},
        {layer, "6"},
        {volume, "7"},
        {snapshot, "8"},
        {image, "9"},
        {bake, "10"},
    };
    this->ledger().intend(this->job, all);
    std::vector<Resource> found;
    for (const auto& entry : this->ledger().entries()) {
        found.push_back(entry.resource);
    }
    EXPECT_EQ(found, all);
}

REGISTER_TYPED_TEST_SUITE_P(
    LedgerConformance,
    StartsEmpty,
    EntryHoldsAllThatWasWritten,
    EntriesKeepTheirOrder,
    OrderHoldsAfterEntriesWereReleased,
    AnEntryAlreadyThereIsLeftAsItIs,
    TheSameNameOfAnotherKindIsAnotherResource,
    ReleaseTakesOnlyTheJobsOwn,
    ReleaseOfNothingIsSuccess,
    ReleaseAllTakesTheJobWhole,
    HoldersAreNamedOnce,
    AnotherProcessMayReleaseAJob,
    EveryKindIsReadBack
);

}  // namespace kiln::ports::testing
