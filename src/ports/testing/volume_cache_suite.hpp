#pragma once

#include "base/testing/kind_of.hpp"
#include "ports/ledger.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/volume_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::ports::testing {

/// Every rule of ports::VolumeCache. A driver starts empty and has `static
/// std::optional<std::string> unavailable()`, `VolumeCache& cache()`, `Ledger& ledger()`, both of
/// one process, and `FakeClock& clock()`.
template <class Driver>
class VolumeCacheConformance : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = Driver::unavailable()) {
            GTEST_SKIP() << *why;
        }
        driver.emplace();
    }

    VolumeCache& cache() { return driver->cache(); }

    Ledger& ledger() { return driver->ledger(); }

    /// A volume of `filler`'s, with the layer that it stands on, in the ledger.
    CachedVolume made(std::optional<Bytes> size = std::nullopt) {
        driver->clock().advance(std::chrono::seconds{1});
        CachedVolume volume;
        volume.volume = VolumeId::random();
        volume.snapshot = snapshot;
        volume.size = size;
        volume.stored = Bytes{4096};
        volume.why = "asked for twice today";
        volume.since = driver->clock().now();
        ledger().intend(
            filler,
            {{ResourceKind::folder, "/run/" + volume.volume.str()},
             {ResourceKind::volume, volume.volume.str()},
             {ResourceKind::layer, LayerId::random().str()}}
        );
        return volume;
    }

    CachedVolume put(std::optional<Bytes> size = std::nullopt) {
        const auto volume = made(size);
        cache().put(filler, volume);
        return volume;
    }

    std::vector<std::string> owned_by(const JobId& job) {
        std::vector<std::string> names;
        for (const auto& entry : ledger().entries()) {
            if (entry.job == job) {
                names.push_back(entry.resource.name);
            }
        }
        return names;
    }

    std::optional<Driver> driver;
    const JobId filler = JobId::random();
    const JobId baker = JobId::random();
    const SnapshotId snapshot = SnapshotId::random();
};

TYPED_TEST_SUITE_P(VolumeCacheConformance);

TYPED_TEST_P(VolumeCacheConformance, EveryFieldIsReadBack) {
    const auto plain = this->put();
    const auto large = this->put(Bytes{std::uint64_t{8} << 30});
    EXPECT_THAT(this->cache().list(), ::testing::ElementsAre(plain, large));
}

TYPED_TEST_P(VolumeCacheConformance, WhatIsPutLeavesItsJobAndWhatElseTheJobHasStays) {
    const auto volume = this->put();
    EXPECT_THAT(
        this->owned_by(this->filler), ::testing::ElementsAre("/run/" + volume.volume.str())
    );
}

TYPED_TEST_P(VolumeCacheConformance, AVolumeThatIsThereAlreadyIsRefusedAndItsJobKeepsIt) {
    const auto volume = this->put();
    this->ledger().intend(this->baker, {{ResourceKind::volume, volume.volume.str()}});
    EXPECT_EQ(kind_of([&] { this->cache().put(this->baker, volume); }), ErrorKind::conflict);
    EXPECT_EQ(this->owned_by(this->baker).size(), 1U);
}

TYPED_TEST_P(VolumeCacheConformance, AClaimedVolumeIsTheJobsAndNoLongerTheCaches) {
    const auto volume = this->put();
    const auto claimed = this->cache().claim(this->baker, this->snapshot, std::nullopt);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(*claimed, volume);
    EXPECT_THAT(this->owned_by(this->baker), ::testing::ElementsAre(volume.volume.str()));
    EXPECT_TRUE(this->cache().list().empty());
    EXPECT_FALSE(this->cache().claim(JobId::random(), this->snapshot, std::nullopt));
}

TYPED_TEST_P(VolumeCacheConformance, AClaimWritesItsHolderAndTimeDown) {
    (void)this->put();
    this->driver->clock().advance(std::chrono::seconds{5});
    ASSERT_TRUE(this->cache().claim(this->baker, this->snapshot, std::nullopt));
    const auto entry = this->ledger().entries().back();
    EXPECT_EQ(entry.resource.kind, ResourceKind::volume);
    EXPECT_EQ(entry.since, this->driver->clock().now());
    this->ledger().intend(this->baker, {{ResourceKind::folder, "/x"}});
    EXPECT_EQ(entry.holder, this->ledger().entries().back().holder);
}

TYPED_TEST_P(VolumeCacheConformance, TheOneThatWaitedLongestIsClaimedFirst) {
    const auto first = this->put();
    const auto second = this->put();
    EXPECT_EQ(this->cache().claim(this->baker, this->snapshot, std::nullopt)->volume, first.volume);
    EXPECT_EQ(
        this->cache().claim(this->baker, this->snapshot, std::nullopt)->volume, second.volume
    );
}

TYPED_TEST_P(VolumeCacheConformance, OnlyTheSameSnapshotAndSizeIsClaimed) {
    (void)this->put(Bytes{std::uint64_t{8} << 30});
    EXPECT_FALSE(this->cache().claim(this->baker, this->snapshot, std::nullopt));
    EXPECT_FALSE(this->cache().claim(this->baker, this->snapshot, Bytes{std::uint64_t{9} << 30}));
    EXPECT_FALSE(
        this->cache().claim(this->baker, SnapshotId::random(), Bytes{std::uint64_t{8} << 30})
    );
    EXPECT_TRUE(this->owned_by(this->baker).empty());
    EXPECT_TRUE(this->cache().claim(this->baker, this->snapshot, Bytes{std::uint64_t{8} << 30}));
}

TYPED_TEST_P(VolumeCacheConformance, WhatIsTakenIsTheJobsAndASecondTakerGetsNothing) {
    const auto volume = this->put();
    EXPECT_TRUE(this->cache().take(this->baker, volume.volume));
    EXPECT_THAT(this->owned_by(this->baker), ::testing::ElementsAre(volume.volume.str()));
    EXPECT_FALSE(this->cache().take(JobId::random(), volume.volume));
    EXPECT_TRUE(this->cache().list().empty());
}

TYPED_TEST_P(VolumeCacheConformance, AHandOverKeepsTheOrderAndComesAfterWhatWasThere) {
    const auto& handed = this->made();
    this->ledger().intend(this->baker, {{ResourceKind::bake, "bake"}});
    const auto before = this->owned_by(this->filler);
    this->cache().hand_over(this->filler, this->baker);
    EXPECT_TRUE(this->owned_by(this->filler).empty());
    std::vector<std::string> wanted{"bake"};
    wanted.insert(wanted.end(), before.begin(), before.end());
    EXPECT_THAT(this->owned_by(this->baker), ::testing::ElementsAreArray(wanted));
    EXPECT_EQ(before[1], handed.volume.str());
    this->ledger().intend(this->baker, {{ResourceKind::folder, "/later"}});
    EXPECT_EQ(this->owned_by(this->baker).back(), "/later");
}

TYPED_TEST_P(VolumeCacheConformance, AHandOverOfNothingIsSuccess) {
    this->cache().hand_over(this->filler, this->baker);
    EXPECT_TRUE(this->ledger().entries().empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    VolumeCacheConformance,
    EveryFieldIsReadBack,
    WhatIsPutLeavesItsJobAndWhatElseTheJobHasStays,
    AVolumeThatIsThereAlreadyIsRefusedAndItsJobKeepsIt,
    AClaimedVolumeIsTheJobsAndNoLongerTheCaches,
    AClaimWritesItsHolderAndTimeDown,
    TheOneThatWaitedLongestIsClaimedFirst,
    OnlyTheSameSnapshotAndSizeIsClaimed,
    WhatIsTakenIsTheJobsAndASecondTakerGetsNothing,
    AHandOverKeepsTheOrderAndComesAfterWhatWasThere,
    AHandOverOfNothingIsSuccess
);

}  // namespace kiln::ports::testing
