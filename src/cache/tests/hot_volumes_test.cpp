#include "cache/hot_volumes.hpp"

#include "local/local_cloud.hpp"
#include "os/files.hpp"
#include "os/mount.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_catalog.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/memory_volume_cache.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::cache {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Deadline soon() {
    return Deadline::after(std::chrono::minutes{1});
}

/// The cache on a real local cloud with one image, which holds a file system with a file in it.
class ReadyVolumes : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, for FUSE and loop mounts";
        }
        static const bool private_mounts = (os::enter_private_mounts(), true);
        (void)private_mounts;
        folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-cache-root");
        settings.count = 2;
        settings.bytes = Bytes{std::uint64_t{1} << 30};
        settings.hot = 1;
        settings.half_life = std::chrono::hours{24};
        settings.read_in = Bytes{std::uint64_t{1} << 20};
        local.emplace(folder.path() / "cloud", catalog, ledger, clock);
        cloud.emplace(local->cloud());
        world.emplace(World{
            .cloud = *cloud,
            .ledger = ledger,
            .cache = cache,
            .bakes = bakes,
            .clock = clock,
            .run_folder = folder.path() / "run",
            .undo_job = [this](const JobId& of) { undo(of); },
            .files = [this](const SnapshotId& id) { return local->files_of(id); },
            .stored = [this](const VolumeId& id) { return local->stored(id); }});
        make_image();
    }

    void make_image() {
        ports::VolumeSpec spec;
        spec.owner = job;
        spec.size = Bytes{std::uint64_t{64} << 20};
        const auto volume = cloud->volumes.create(spec, soon());
        const auto work = folder.path() / "work";
        std::filesystem::create_directories(work / "root");
        {
            auto attached = cloud->attachments.attach({job, volume.id, work}, soon());
            disk::make_filesystem(attached->device(), "root", {});
            auto root = disk::MountedRoot::mount(attached->device(), work / "root", {}, {}, soon());
            std::ofstream{root.path() / "marker"} << "base\n";
            root.unmount();
            attached->detach();
        }
        const auto snapshot = cloud->snapshots.create({job, volume.id, "", {}}, soon());
        ports::ImageSpec image;
        image.owner = job;
        image.name = "base";
        image.architecture = "x86_64";
        image.root_snapshot = snapshot.id;
        parent = cloud->images.register_image(image);
        cloud->volumes.remove(volume.id, soon());
        ledger.release_all(job);
    }

    void add_bake(std::optional<std::uint64_t> gib = std::nullopt) {
        ports::BakeRecord bake;
        bake.id = BakeId::random();
        bake.key = bake.id.str();
        bake.parent = parent.id;
        bake.created = clock.now();
        bake.request = {{"volume", {{"size_gib", gib ? json::value(*gib) : json::value(nullptr)}}}};
        bakes.begin(bake, false);
    }

    /// As the sweeper does it, newest first.
    void undo(const JobId& of) {
        auto entries = ledger.entries();
        std::reverse(entries.begin(), entries.end());
        const auto undos = local->undo();
        for (const auto& entry : entries) {
            if (entry.job != of) {
                continue;
            }
            if (const auto how = undos.find(entry.resource.kind); how != undos.end()) {
                how->second(entry.resource);
            } else if (entry.resource.kind == ports::ResourceKind::folder) {
                os::remove_tree(entry.resource.name);
            }
        }
        ledger.release_all(of);
    }

    [[nodiscard]] Wanted plain() const { return {parent.root_snapshot, std::nullopt}; }

    os::TempDir folder;
    ports::testing::FakeClock clock;
    ports::testing::MemoryCatalog catalog;
    ports::testing::MemoryLedger ledger{HolderId::random(), clock};
    ports::testing::MemoryVolumeCache cache{ledger};
    ports::testing::MemoryBakeStore bakes;
    std::optional<local::LocalCloud> local;
    std::optional<ports::Cloud> cloud;
    std::optional<World> world;
    Settings settings;
    ports::Image parent;
    const JobId job = JobId::random();
};

TEST_F(ReadyVolumes, AFilledVolumeIsDetachedHasItsLayerAndBelongsToTheCacheAlone) {
    add_bake();
    const auto deeds = fill(*world, settings, DryRun::no, {});
    ASSERT_THAT(deeds, SizeIs(1));
    EXPECT_EQ(deeds[0].failed, std::nullopt);
    EXPECT_GT(deeds[0].size, Bytes{});
    ASSERT_THAT(cache.list(), SizeIs(1));
    EXPECT_THAT(ledger.entries(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "run"));
    const auto record = catalog.volume(cache.list()[0].volume);
    EXPECT_EQ(record->volume.state, ports::VolumeState::available);
    EXPECT_FALSE(catalog.layer(*record->layer)->frozen);
    EXPECT_THAT(fill(*world, settings, DryRun::no, {}), IsEmpty());
}

TEST_F(ReadyVolumes, AFilledVolumeThatIsClaimedAttachesAndHoldsTheParent) {
    add_bake();
    fill(*world, settings, DryRun::no, {});
    const auto ready = claim(*world, job, plain());
    ASSERT_TRUE(ready);
    const auto work = folder.path() / "work";
    {
        auto attached = cloud->attachments.attach({job, ready->volume.id, work}, soon());
        auto root = disk::MountedRoot::mount(attached->device(), work / "root", {}, {}, soon());
        EXPECT_TRUE(std::filesystem::exists(root.path() / "marker"));
        root.unmount();
        attached->detach();
    }
    undo(job);
    EXPECT_THAT(catalog.volumes(), IsEmpty());
    EXPECT_THAT(ledger.entries(), IsEmpty());
}

TEST_F(ReadyVolumes, AVolumeOfASizeIsGrownBefore) {
    add_bake(1);
    fill(*world, settings, DryRun::no, {});
    ASSERT_THAT(cache.list(), SizeIs(1));
    EXPECT_EQ(cache.list()[0].size, Bytes{std::uint64_t{1} << 30});
    const auto ready = claim(*world, job, {parent.root_snapshot, cache.list()[0].size});
    const auto work = folder.path() / "work";
    auto attached = cloud->attachments.attach({job, ready->volume.id, work}, soon());
    auto root = disk::MountedRoot::mount(attached->device(), work / "root", {}, {}, soon());
    EXPECT_GT(std::filesystem::space(root.path()).capacity, std::uint64_t{900} << 20);
    root.unmount();
    attached->detach();
    undo(job);
}

TEST_F(ReadyVolumes, AHotOneIsHandedOverMountedWithAllThatHoldsIt) {
    add_bake();
    HotVolumes hot{*world, settings};
    EXPECT_EQ(hot.settle(), 1U);
    ledger.intend(job, {{ports::ResourceKind::bake, "bake"}});
    {
        auto ready = hot.claim(job, plain());
        ASSERT_TRUE(ready);
        EXPECT_TRUE(std::filesystem::exists(ready->root->path() / "marker"));
        EXPECT_FALSE(hot.claim(JobId::random(), plain()));
        for (const auto& entry : ledger.entries()) {
            EXPECT_EQ(entry.job, job);
        }
        EXPECT_EQ(ledger.entries().front().resource.kind, ports::ResourceKind::bake);
        ready->root->unmount();
        ready->root.reset();
        ready->attached->detach();
    }
    undo(job);
    EXPECT_EQ(hot.settle(), 1U) << "a new one is made when the old one was let go of";
}

TEST_F(ReadyVolumes, WhatIsNotAskedForIsNotHeld) {
    HotVolumes hot{*world, settings};
    EXPECT_EQ(hot.settle(), 0U);
    add_bake();
    hot.look_again();
    EXPECT_EQ(hot.settle(), 0U) << "what is asked for was measured just now";
    EXPECT_FALSE(hot.claim(job, plain()));
    hot.look_again();
    EXPECT_EQ(hot.settle(), 1U);
    clock.advance(std::chrono::days{30});
    hot.look_again();
    EXPECT_EQ(hot.settle(), 0U);
    EXPECT_THAT(ledger.entries(), IsEmpty());
    EXPECT_THAT(catalog.volumes(), IsEmpty());
}

TEST_F(ReadyVolumes, TheEndOfTheProcessLetsGoOfAll) {
    add_bake();
    {
        HotVolumes hot{*world, settings};
        hot.settle();
    }
    EXPECT_THAT(ledger.entries(), IsEmpty());
    EXPECT_THAT(catalog.volumes(), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "run"));
}

}  // namespace
}  // namespace kiln::cache
