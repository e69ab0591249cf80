#include "local/tests/mounted_volume.hpp"
#include "ports/testing/kind_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace kiln::local {

namespace {

using ports::testing::kind_of;
using testing::soon;
using testing::World;

bool nobody_lives(const HolderId&) {
    return false;
}

class Local : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = World::unavailable()) {
            GTEST_SKIP() << *why;
        }
        os::enter_private_mounts();
        world_.emplace();
    }

    VolumeId make_volume(std::optional<SnapshotId> snapshot = {}) {
        ports::VolumeSpec spec;
        spec.owner = job_;
        spec.snapshot = snapshot;
        if (!snapshot) {
            spec.size = World::unit();
        }
        return world_->cloud().volumes.create(spec, soon()).id;
    }

    std::unique_ptr<ports::AttachedVolume> attach(const VolumeId& id) {
        return world_->cloud().attachments.attach({job_, id, world_->work_folder()}, soon());
    }

    SnapshotId freeze(const VolumeId& id) {
        return world_->cloud().snapshots.create({job_, id, "", {}}, soon()).id;
    }

    ImageId make_image(const std::string& name, const SnapshotId& root) {
        ports::ImageSpec spec;
        spec.owner = job_;
        spec.name = name;
        spec.architecture = "x86_64";
        spec.root_snapshot = root;
        return world_->cloud().images.register_image(spec).id;
    }

    static void write(const ports::AttachedVolume& volume, off_t offset, const std::string& text) {
        const os::Fd fd = os::open_file(volume.device(), O_RDWR);
        ASSERT_EQ(::pwrite(fd.get(), text.data(), text.size(), offset), ssize_t(text.size()));
    }

    static std::string read(const ports::AttachedVolume& volume, off_t offset, std::size_t length) {
        const os::Fd fd = os::open_file(volume.device(), O_RDONLY);
        std::string text(length, '?');
        EXPECT_EQ(::pread(fd.get(), text.data(), length, offset), ssize_t(length));
        return text;
    }

    std::string read_volume(const VolumeId& id, off_t offset, std::size_t length) {
        const auto attached = attach(id);
        return read(*attached, offset, length);
    }

    LayerId layer_of(const SnapshotId& id) { return world_->catalog().snapshot(id)->layer; }

    void undo(ports::ResourceKind kind, const std::string& name) {
        world_->local().undo().at(kind)({kind, name});
    }

    /// A volume with `depth` frozen layers; the text "layer N" stands at N × 1 MiB in each.
    struct Chain {
        VolumeId volume;
        std::vector<SnapshotId> snapshots;
    };

    Chain make_chain(int depth) {
        Chain chain{make_volume(), {}};
        const auto attached = attach(chain.volume);
        for (int n = 1; n <= depth; ++n) {
            write(*attached, off_t{n} << 20, "layer " + std::to_string(n));
            chain.snapshots.push_back(freeze(chain.volume));
        }
        attached->detach();
        return chain;
    }

    std::optional<World> world_;
    const JobId job_ = JobId::random();
};

// Layers

TEST_F(Local, VolumeOfASnapshotIsARowWithoutAFile) {
    const auto snapshot = freeze(make_volume());
    const auto before = world_->files().list().size();
    const auto volume = make_volume(snapshot);
    EXPECT_EQ(world_->files().list().size(), before);
    attach(volume)->detach();
    EXPECT_EQ(world_->files().list().size(), before + 1);
}

TEST_F(Local, FrozenLayerIsWriteProtectedAndNamesItsBackingByAFileOfTheFolder) {
    const auto chain = make_chain(2);
    const auto lower = layer_of(chain.snapshots[0]), upper = layer_of(chain.snapshots[1]);

    struct stat status {};

    ASSERT_EQ(::stat(world_->files().path(lower).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0444U);
    EXPECT_EQ(world_->files().backing(upper), lower);
    EXPECT_EQ(world_->catalog().layer(upper)->depth, 2U);
    EXPECT_EQ(world_->local().file_of(chain.snapshots[1]), world_->files().path(upper));
}

TEST_F(Local, RemovingAllLeavesNoFile) {
    const auto chain = make_chain(3);
    for (const auto& id : chain.snapshots) {
        world_->cloud().snapshots.remove(id, soon());
    }
    EXPECT_EQ(world_->files().list().size(), 4U) << "the volume stands on all";
    world_->cloud().volumes.remove(chain.volume, soon());
    EXPECT_THAT(world_->files().list(), ::testing::IsEmpty());
    EXPECT_THAT(world_->catalog().layers(), ::testing::IsEmpty());
    EXPECT_THAT(world_->files().list_locks(), ::testing::IsEmpty());
}

TEST_F(Local, RemovingASnapshotKeepsWhatOthersStandOn) {
    const auto chain = make_chain(3);
    world_->cloud().volumes.remove(chain.volume, soon());
    world_->cloud().snapshots.remove(chain.snapshots[0], soon());
    world_->cloud().snapshots.remove(chain.snapshots[2], soon());
    EXPECT_EQ(world_->files().list().size(), 2U);
    EXPECT_EQ(read_volume(make_volume(chain.snapshots[1]), off_t{1} << 20, 7), "layer 1");
}

TEST_F(Local, DetachedVolumeLeavesNoProcessMountOrFileInTheWorkFolder) {
    const auto volume = make_volume();
    attach(volume)->detach();
    EXPECT_TRUE(std::filesystem::is_empty(world_->work_folder()));
    EXPECT_FALSE(std::filesystem::exists(world_->files().pid_file(volume)));
    EXPECT_THAT(
        os::read_file("/proc/self/mounts"),
        ::testing::Not(::testing::HasSubstr(world_->work_folder().string()))
    );
}

// Concurrency

TEST_F(Local, OneOfManyThreadsAttachesAVolume) {
    const auto volume = make_volume();
    constexpr int kThreads = 8;
    std::atomic<int> won{0}, conflicts{0}, decided{0};
    std::vector<std::jthread> threads;
    for (int n = 0; n < kThreads; ++n) {
        threads.emplace_back([&] {
            std::unique_ptr<ports::AttachedVolume> attached;
            const auto kind = kind_of([&] { attached = attach(volume); });
            ++(kind ? conflicts : won);
            EXPECT_EQ(kind.value_or(ErrorKind::conflict), ErrorKind::conflict);
            ++decided;
            decided.notify_all();
            for (int seen = decided; seen < kThreads; seen = decided) {
                decided.wait(seen);  // the winner holds on until all have tried
            }
        });
    }
    threads.clear();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(conflicts, kThreads - 1);
}

TEST_F(Local, ManyThreadsMakeUseAndRemoveVolumesOfOneSnapshot) {
    const auto snapshot = freeze(make_volume());
    std::vector<std::jthread> threads;
    for (int n = 0; n < 8; ++n) {
        threads.emplace_back([&, n] {
            for (int round = 0; round < 4; ++round) {
                const auto id = make_volume(snapshot);
                auto attached = attach(id);
                const auto text = "thread " + std::to_string(n);
                write(*attached, 0, text);
                const auto own = freeze(id);
                EXPECT_EQ(read(*attached, 0, text.size()), text);
                attached->detach();
                world_->cloud().volumes.remove(id, soon());
                world_->cloud().snapshots.remove(own, soon());
            }
        });
    }
    threads.clear();
    EXPECT_EQ(world_->catalog().layers().size(), 1U);
    EXPECT_EQ(world_->files().list().size(), 1U);
}

// Room

TEST_F(Local, NothingIsMadeBelowTheFloorOfFreeSpace) {
    const auto volume = make_volume();
    World full{Settings{.free_space_floor = Bytes{std::uint64_t{1} << 60U}, .zone = "local-1a"}};
    ports::VolumeSpec spec;
    spec.owner = job_;
    spec.size = World::unit();
    EXPECT_EQ(
        kind_of([&] { (void)full.cloud().volumes.create(spec, soon()); }), ErrorKind::exhausted
    );
    EXPECT_THAT(full.ledger().entries(), ::testing::IsEmpty());
}

/// Runs its work when it goes out of scope.
struct ScopeEnd {
    std::function<void()> work;

    ~ScopeEnd() { work(); }
};

TEST_F(Local, FullHostDiskIsNamedAndEarlierLayersStayWhole) {
    const auto small = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-full");
    // Where the storage daemon sees it too.
    os::run_checked(
        {.argv = {"mount", "-t", "tmpfs", "-o", "size=24m", "none", small.path().string()},
         .mount_namespace = os::server_mounts()}
    );
    const ScopeEnd unmount{[&] { os::unmount_served(small.path()); }};
    World world{
        small.path() / "cloud",
        Settings{.free_space_floor = Bytes{std::uint64_t{4} << 20U}, .zone = "local-1a"}};
    ports::VolumeSpec spec;
    spec.owner = job_;
    spec.size = Bytes{256U << 20U};
    const auto id = world.cloud().volumes.create(spec, soon()).id;
    const auto snapshot = [&] {
        testing::MountedVolume mounted{world, job_, id, testing::MountedVolume::Make::filesystem};
        mounted.close();
        return world.cloud().snapshots.create({job_, id, "", {}}, soon());
    }();
    testing::MountedVolume mounted{world, job_, id};
    EXPECT_NE(
        kind_of([&] { testing::Blocks::write_all(mounted.root(), "much", 2, 1); }), std::nullopt
    );
    const auto why = mounted.attached().failure();
    ASSERT_TRUE(why.has_value());
    EXPECT_EQ(why->kind(), ErrorKind::exhausted);
    EXPECT_EQ(kind_of([&] { mounted.abandon(); }), ErrorKind::exhausted);
    const auto layer = world.catalog().snapshot(snapshot.id)->layer;
    EXPECT_EQ(world.local().check(layer), std::nullopt);
    EXPECT_EQ(
        kind_of([&] { (void)world.cloud().volumes.create(spec, soon()); }), ErrorKind::exhausted
    );
}

// Failures in the middle

/// Makes the next fault point of that name throw, while it lives.
class Fault {
  public:
    explicit Fault(const std::string& name) {
        ::setenv("KILN_FAULT", ("error@" + name).c_str(), 1);
    }

    Fault(Fault&&) = delete;

    ~Fault() { ::unsetenv("KILN_FAULT"); }
};

TEST_F(Local, SnapshotThatCannotBeRecordedEndsTheAttachmentRatherThanLoseLaterWrites) {
    const auto volume = make_volume();
    auto attached = attach(volume);
    write(*attached, 0, "before");
    {
        const Fault fault{"local:overlay-switched"};
        EXPECT_EQ(kind_of([&] { (void)freeze(volume); }), ErrorKind::unavailable);
    }
    ASSERT_TRUE(attached->failure().has_value());
    EXPECT_EQ(attached->failure()->kind(), ErrorKind::unavailable);
    EXPECT_EQ(kind_of([&] { attached->detach(); }), ErrorKind::unavailable);
    EXPECT_EQ(world_->local().reconcile(nobody_lives).files_removed.size(), 1U);
    EXPECT_EQ(read_volume(volume, 0, 6), "before");
}

TEST_F(Local, AttachThatFailsAfterItsLayerWasMadeLeavesTheVolumeAvailable) {
    const auto volume = make_volume();
    {
        const Fault fault{"local:attached"};
        EXPECT_EQ(kind_of([&] { (void)attach(volume); }), ErrorKind::unavailable);
    }
    EXPECT_EQ(
        world_->cloud().volumes.describe({volume}).at(0).state, ports::VolumeState::available
    );
    EXPECT_TRUE(std::filesystem::is_empty(world_->work_folder()));
    attach(volume)->detach();
}

TEST_F(Local, FlattenThatFailsAfterItsRenameIsCompletedByReconcile) {
    const auto chain = make_chain(4);
    const auto base = layer_of(chain.snapshots[0]), top = layer_of(chain.snapshots[3]);
    {
        const Fault fault{"local:layer-replaced"};
        EXPECT_EQ(kind_of([&] { world_->local().flatten(job_, top, {}); }), ErrorKind::unavailable);
    }
    EXPECT_EQ(read_volume(make_volume(chain.snapshots[3]), off_t{3} << 20, 7), "layer 3");
    const auto report = world_->local().reconcile(nobody_lives);
    EXPECT_THAT(report.layers_corrected, ::testing::ElementsAre(top));
    EXPECT_EQ(world_->catalog().layer(top)->backing, base);
    EXPECT_EQ(read_volume(make_volume(chain.snapshots[3]), off_t{3} << 20, 7), "layer 3");
}

TEST_F(Local, FlattenThatFailsBeforeItsRenameLeavesNoFile) {
    const auto chain = make_chain(4);
    const auto before = world_->files().list().size();
    const Fault fault{"local:flattened"};
    EXPECT_EQ(
        kind_of([&] { world_->local().flatten(job_, layer_of(chain.snapshots[3]), {}); }),
        ErrorKind::unavailable
    );
    EXPECT_EQ(world_->files().list().size(), before);
}

// Undo and reconcile

TEST_F(Local, UndoOfALayerThatAVolumeStandsOnKeepsIt) {
    const auto volume = make_volume();
    attach(volume)->detach();
    const auto layer = world_->catalog().volume(volume)->layer;
    ASSERT_TRUE(layer.has_value());
    undo(ports::ResourceKind::layer, layer->str());
    EXPECT_TRUE(world_->files().exists(*layer));
}

TEST_F(Local, UndoOfALayerWithoutARowRemovesItsFile) {
    const auto stray = LayerId::random();
    world_->files().make(stray, World::unit(), std::nullopt);
    undo(ports::ResourceKind::layer, stray.str());
    undo(ports::ResourceKind::layer, stray.str());
    EXPECT_FALSE(world_->files().exists(stray));
}

TEST_F(Local, UndoInFallingOrderLeavesNothing) {
    const auto volume = make_volume();
    const auto attached = attach(volume);
    const auto snapshot = freeze(volume);
    make_image("an image", snapshot);
    attached->detach();
    auto entries = world_->ledger().entries();
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const auto undos = world_->local().undo();
        if (const auto how = undos.find(entry->resource.kind); how != undos.end()) {
            how->second(entry->resource);
            how->second(entry->resource);  // twice does the same
        }
    }
    EXPECT_THAT(world_->files().list(), ::testing::IsEmpty());
    EXPECT_THAT(world_->cloud().volumes.describe({}), ::testing::IsEmpty());
    EXPECT_THAT(world_->cloud().snapshots.describe({}), ::testing::IsEmpty());
    EXPECT_THAT(world_->cloud().images.describe({}), ::testing::IsEmpty());
}

TEST_F(Local, UndoOfASnapshotThatAnImageNeedsKeepsIt) {
    const auto snapshot = freeze(make_volume());
    make_image("an image", snapshot);
    undo(ports::ResourceKind::snapshot, snapshot.str());
    EXPECT_EQ(world_->cloud().snapshots.describe({snapshot}).size(), 1U);
}

TEST_F(Local, ReconcileRemovesStrayFilesButNotThoseOfALiveOwner) {
    const auto stray = LayerId::random(), coming = LayerId::random();
    world_->ledger().intend(job_, {{ports::ResourceKind::layer, coming.str()}});
    world_->files().make(stray, World::unit(), std::nullopt);
    world_->files().make(coming, World::unit(), std::nullopt);
    const auto report =
        world_->local().reconcile([&](const HolderId& id) { return id == world_->holder(); });
    EXPECT_THAT(report.files_removed, ::testing::ElementsAre(stray));
    EXPECT_TRUE(world_->files().exists(coming));
    EXPECT_THAT(
        world_->local().reconcile(nobody_lives).files_removed, ::testing::ElementsAre(coming)
    );
}

TEST_F(Local, WhatReconcileWouldDoIsForeseenWithoutBeingDone) {
    const auto stray = LayerId::random(), owned = LayerId::random();
    world_->ledger().intend(job_, {{ports::ResourceKind::layer, owned.str()}});
    world_->files().make(stray, World::unit(), std::nullopt);
    world_->files().make(owned, World::unit(), std::nullopt);
    const auto dead = make_volume(), live = make_volume();
    world_->catalog().update_volume(dead, ports::VolumeState::in_use, std::nullopt);
    const auto attached = attach(live);
    ports::Layer lower;
    lower.id = LayerId::random();
    lower.frozen = true;
    world_->files().make(lower.id, World::unit(), std::nullopt);
    world_->catalog().put_layer(lower);
    ports::Layer upper;
    upper.id = LayerId::random();
    upper.backing = lower.id;
    world_->files().make(upper.id, World::unit(), lower.id);
    world_->catalog().put_layer(upper);
    const auto lives = [&](const HolderId& id) { return id == world_->holder(); };
    const auto foreseen = world_->local().foresee(lives);
    EXPECT_THAT(foreseen.files_removed, ::testing::ElementsAre(stray));
    EXPECT_THAT(foreseen.layers_removed, ::testing::UnorderedElementsAre(lower.id, upper.id));
    EXPECT_THAT(foreseen.volumes_freed, ::testing::ElementsAre(dead));
    EXPECT_TRUE(world_->files().exists(stray));
    EXPECT_EQ(world_->catalog().volume(dead)->volume.state, ports::VolumeState::in_use);
    const auto done = world_->local().reconcile(lives);
    EXPECT_EQ(done.files_removed, foreseen.files_removed);
    EXPECT_EQ(done.volumes_freed, foreseen.volumes_freed);
    EXPECT_EQ(done.layers_removed.size(), 2U);
}

TEST_F(Local, ReconcileFreesVolumesOfDeadProcessesOnly) {
    const auto dead = make_volume(), live = make_volume();
    world_->catalog().update_volume(dead, ports::VolumeState::in_use, std::nullopt);
    const auto attached = attach(live);
    EXPECT_THAT(
        world_->local().reconcile(nobody_lives).volumes_freed, ::testing::ElementsAre(dead)
    );
    EXPECT_EQ(world_->cloud().volumes.describe({live}).at(0).state, ports::VolumeState::in_use);
    attach(dead)->detach();
}

TEST_F(Local, VolumeThatADeadProcessHadAttachedIsAttachedAtOnce) {
    const auto volume = make_volume();
    world_->catalog().update_volume(volume, ports::VolumeState::in_use, std::nullopt);
    attach(volume)->detach();
    EXPECT_EQ(
        world_->cloud().volumes.describe({volume}).at(0).state, ports::VolumeState::available
    );
}

TEST_F(Local, ReconcileReportsMissingAndDamagedLayersAndKeepsTheEvidence) {
    const auto gone = layer_of(freeze(make_volume())), damaged = layer_of(freeze(make_volume()));
    world_->files().remove(gone);
    os::write_file_durably(world_->files().path(damaged), "not a qcow2 file");
    const auto report = world_->local().reconcile(nobody_lives);
    EXPECT_THAT(report.corrupt, ::testing::UnorderedElementsAre(gone, damaged));
    EXPECT_TRUE(world_->files().exists(damaged));
    EXPECT_TRUE(world_->catalog().layer(gone).has_value());
    EXPECT_THAT(world_->local().check(gone).value_or(""), ::testing::HasSubstr("is missing"));
    EXPECT_NE(world_->local().check(damaged), std::nullopt);
}

TEST_F(Local, ReconcileOfAGoodCloudChangesNothing) {
    const auto chain = make_chain(3);
    const auto report = world_->local().reconcile(nobody_lives);
    EXPECT_THAT(report.files_removed, ::testing::IsEmpty());
    EXPECT_THAT(report.layers_removed, ::testing::IsEmpty());
    EXPECT_THAT(report.layers_corrected, ::testing::IsEmpty());
    EXPECT_THAT(report.volumes_freed, ::testing::IsEmpty());
    EXPECT_THAT(report.corrupt, ::testing::IsEmpty());
}

// Flatten

TEST_F(Local, FlattenedLayerReadsAsBeforeAndFreesWhatNobodyNeeds) {
    const auto chain = make_chain(20);
    make_image("deep", chain.snapshots.back());
    const auto top = layer_of(chain.snapshots.back());
    EXPECT_THAT(world_->local().layers_to_flatten(16), ::testing::ElementsAre(top));
    const auto reader = attach(make_volume(chain.snapshots.back()));
    world_->cloud().volumes.remove(chain.volume, soon());
    for (std::size_t n = 0; n + 1 < chain.snapshots.size(); ++n) {
        if (n != 9) {
            world_->cloud().snapshots.remove(chain.snapshots[n], soon());
        }
    }
    world_->local().flatten(job_, top, {});

    EXPECT_EQ(world_->catalog().layer(top)->depth, 2U);
    EXPECT_EQ(world_->local().check(top), std::nullopt);
    EXPECT_THAT(world_->local().layers_to_flatten(16), ::testing::IsEmpty());
    // 20 on 1; the snapshot that stayed and all below it; the reader's own.
    EXPECT_EQ(world_->files().list().size(), 1U + 10U + 1U);
    const auto fresh = attach(make_volume(chain.snapshots.back()));
    for (int n = 1; n <= 20; ++n) {
        const std::string text = "layer " + std::to_string(n);
        EXPECT_EQ(read(*fresh, off_t{n} << 20, text.size()), text);
        EXPECT_EQ(read(*reader, off_t{n} << 20, text.size()), text) << "by the old file";
    }
    EXPECT_EQ(read_volume(make_volume(chain.snapshots[9]), off_t{10} << 20, 8), "layer 10");
    EXPECT_THAT(world_->local().reconcile(nobody_lives).files_removed, ::testing::IsEmpty());
}

TEST_F(Local, StoppedFlattenLeavesTheLayerAndNoFile) {
    const auto chain = make_chain(4);
    const auto before = world_->files().list().size();
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(
        kind_of([&] {
            world_->local().flatten(job_, layer_of(chain.snapshots[3]), stop.get_token());
        }),
        ErrorKind::cancelled
    );
    EXPECT_EQ(world_->files().list().size(), before);
    EXPECT_EQ(world_->catalog().layer(layer_of(chain.snapshots[3]))->depth, 4U);
}

TEST_F(Local, FlattenOfALayerThatIsWrittenToIsAConflict) {
    const auto chain = make_chain(3);
    const auto top = world_->catalog().volume(chain.volume)->layer;
    EXPECT_EQ(kind_of([&] { world_->local().flatten(job_, *top, {}); }), ErrorKind::conflict);
}

}  // namespace

}  // namespace kiln::local
