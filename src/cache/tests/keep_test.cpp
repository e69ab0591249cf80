#include "cache/keep.hpp"

#include "base/testing/kind_of.hpp"
#include "os/files.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/fake_cloud.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/memory_volume_cache.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>

namespace kiln::cache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Keep : public ::testing::Test {
  protected:
    Keep() {
        ports::Image image;
        image.id = ImageId::random();
        image.name = "base";
        image.root_snapshot = snapshot;
        images.images.push_back(image);
        volumes.room = false;
        settings.count = 2;
        settings.bytes = Bytes{std::uint64_t{1} << 30};
        settings.half_life = std::chrono::hours{24};
    }

    void add_bake() {
        ports::BakeRecord bake;
        bake.id = BakeId::random();
        bake.key = bake.id.str();
        bake.parent = images.images[0].id;
        bake.created = clock.now();
        bakes.begin(bake, false);
    }

    VolumeId add_volume(const ports::Tags& with = {{kTag, "ready"}}) {
        ports::Volume volume;
        volume.id = VolumeId::random();
        volume.snapshot = snapshot;
        volume.tags = with;
        volume.created = clock.now();
        volumes.volumes.push_back(volume);
        return volume.id;
    }

    VolumeId add_cached() {
        const auto id = add_volume();
        clock.advance(std::chrono::seconds{1});
        cache.put(JobId::random(), {id, snapshot, std::nullopt, Bytes{4096}, "", clock.now()});
        return id;
    }

    /// As the sweeper does it: the job's volumes are removed and released.
    void undo(const JobId& of) {
        for (const auto& entry : ledger.entries()) {
            if (entry.job == of && entry.resource.kind == ports::ResourceKind::volume) {
                volumes.remove(VolumeId::trusted(entry.resource.name), Deadline::never());
            }
        }
        ledger.release_all(of);
    }

    ports::testing::FakeClock clock;
    ports::testing::FakeCloud fakes;
    ports::testing::FakeVolumes& volumes = fakes.volumes;
    ports::testing::FakeImages& images = fakes.images;
    ports::testing::MemoryLedger ledger{HolderId::random(), clock};
    ports::testing::MemoryVolumeCache cache{ledger};
    ports::testing::MemoryBakeStore bakes;
    os::TempDir folder =
        os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-cache-test");
    World world{
        .cloud = fakes.cloud,
        .ledger = ledger,
        .cache = cache,
        .bakes = bakes,
        .clock = clock,
        .run_folder = folder.path(),
        .undo_job = [this](const JobId& of) { undo(of); },
        .files = [](const SnapshotId&) { return std::vector<std::filesystem::path>{}; },
        .stored = [](const VolumeId&) { return Bytes{4096}; }};
    Settings settings;
    const SnapshotId snapshot = SnapshotId::random();
    const JobId job = JobId::random();
};

TEST_F(Keep, AClaimGivesTheVolumeToTheJob) {
    const auto id = add_cached();
    const auto ready = claim(world, job, {snapshot, std::nullopt});
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->volume.id, id);
    ASSERT_THAT(ledger.entries(), SizeIs(1));
    EXPECT_EQ(ledger.entries()[0].job, job);
}

TEST_F(Keep, AVolumeThatIsGoneIsForgottenAndTheNextOneIsClaimed) {
    volumes.remove(add_cached(), Deadline::never());
    const auto second = add_cached();
    const auto ready = claim(world, job, {snapshot, std::nullopt});
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->volume.id, second);
    ASSERT_THAT(ledger.entries(), SizeIs(1));
    EXPECT_EQ(ledger.entries()[0].resource.name, second.str());
}

TEST_F(Keep, WhereAllAreGoneNothingIsClaimedAndNothingOwned) {
    volumes.remove(add_cached(), Deadline::never());
    EXPECT_FALSE(claim(world, job, {snapshot, std::nullopt}));
    EXPECT_THAT(ledger.entries(), IsEmpty());
    EXPECT_THAT(cache.list(), IsEmpty());
}

TEST_F(Keep, WhatNobodyWantsIsRemovedAndADryRunOnlySaysSo) {
    add_cached();
    const auto said = trim(world, settings, DryRun::yes, {});
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_EQ(said[0].why, "no bake on record asked for one like it");
    EXPECT_THAT(volumes.volumes, SizeIs(1));
    EXPECT_THAT(cache.list(), SizeIs(1));
    trim(world, settings, DryRun::no, {});
    EXPECT_THAT(volumes.volumes, IsEmpty());
    EXPECT_THAT(cache.list(), IsEmpty());
    EXPECT_THAT(ledger.entries(), IsEmpty());
}

TEST_F(Keep, WhatIsAskedForStays) {
    add_bake();
    add_cached();
    EXPECT_THAT(trim(world, settings, DryRun::no, {}), IsEmpty());
    EXPECT_THAT(cache.list(), SizeIs(1));
}

TEST_F(Keep, AForgottenVolumeIsRemovedOnceItCannotBeOnItsWayAnyMore) {
    add_volume();
    EXPECT_THAT(trim(world, settings, DryRun::no, {}), IsEmpty());
    clock.advance(std::chrono::hours{2});
    ASSERT_THAT(trim(world, settings, DryRun::no, {}), SizeIs(1));
    EXPECT_THAT(volumes.volumes, IsEmpty());
}

TEST_F(Keep, AVolumeThatAJobHasOrThatIsAUsersOrIsHotIsNotTakenForAForgottenOne) {
    ledger.intend(job, {{ports::ResourceKind::volume, add_volume().str()}});
    add_volume({});
    add_volume({{kTag, "hot"}});
    clock.advance(std::chrono::hours{2});
    EXPECT_THAT(trim(world, settings, DryRun::no, {}), IsEmpty());
    EXPECT_THAT(volumes.volumes, SizeIs(3));
}

TEST_F(Keep, ADryRunOfAFillSaysWhatWouldBeMade) {
    add_bake();
    const auto said = fill(world, settings, DryRun::yes, {});
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_EQ(said[0].what, Deed::What::make);
    EXPECT_EQ(said[0].name, "base");
    EXPECT_FALSE(said[0].failed);
    EXPECT_THAT(ledger.entries(), IsEmpty());
}

TEST_F(Keep, AVolumeThatCannotBeMadeIsSaidAndLeavesNothing) {
    add_bake();
    const auto done = fill(world, settings, DryRun::no, {});
    ASSERT_THAT(done, SizeIs(1));
    EXPECT_EQ(done[0].failed, "no room");
    EXPECT_THAT(ledger.entries(), IsEmpty());
    EXPECT_THAT(cache.list(), IsEmpty());
}

TEST_F(Keep, ClearDropsAll) {
    add_bake();
    add_cached();
    add_cached();
    EXPECT_THAT(clear(world, {}), SizeIs(2));
    EXPECT_THAT(volumes.volumes, IsEmpty());
    EXPECT_THAT(cache.list(), IsEmpty());
}

TEST_F(Keep, AStopEndsItBetweenTwoVolumes) {
    add_cached();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(
        kind_of([&] { trim(world, settings, DryRun::no, stop.get_token()); }), ErrorKind::cancelled
    );
    EXPECT_THAT(cache.list(), SizeIs(1));
}

TEST_F(Keep, ReadingInEndsAtItsBudget) {
    const auto file = folder.path() / "layer";
    os::write_all(os::open_file(file, O_RDWR | O_CREAT, 0600), std::string(10'000, 'x'));
    EXPECT_EQ(read_in({file, folder.path() / "absent", file}, Bytes{15'000}), Bytes{15'000});
    EXPECT_EQ(read_in({file}, Bytes{1 << 20}), Bytes{10'000});
    EXPECT_EQ(read_in({file}, Bytes{}), Bytes{});
}

}  // namespace
}  // namespace kiln::cache
