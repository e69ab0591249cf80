#include "local/tests/mounted_volume.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace kiln::local {

namespace {

using testing::Blocks;
using testing::MountedVolume;
using testing::soon;
using testing::World;

constexpr unsigned kWriters = 4;

class Stress : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = World::unavailable()) {
            GTEST_SKIP() << *why;
        }
        os::enter_private_mounts();
        world_.emplace();
        ports::VolumeSpec spec;
        spec.owner = job_;
        spec.size = Bytes{std::uint64_t{1} << 30U};
        volume_ = world_->cloud().volumes.create(spec, soon()).id;
    }

    /// The number in the storage daemon's pid file.
    int daemon_pid() { return std::stoi(os::read_file(world_->files().pid_file(volume_))); }

    void expect_sound_layers() {
        for (const auto& layer : world_->catalog().layers()) {
            EXPECT_EQ(world_->local().check(layer.id), std::nullopt);
        }
    }

    void expect_clean(const std::filesystem::path& device) {
        const auto checked =
            os::run_captured({.argv = {"e2fsck", "-f", "-n", device.string()}}, soon());
        EXPECT_TRUE(checked.status.ok()) << checked.out << checked.err;
    }

    std::optional<World> world_;
    const JobId job_ = JobId::random();
    VolumeId volume_;
};

TEST_F(Stress, ParallelWritesSurviveASnapshotInTheMiddle) {
    std::optional<ports::Snapshot> snapshot;
    {
        MountedVolume mounted{*world_, job_, volume_, MountedVolume::Make::filesystem};
        Blocks::write_all(mounted.root(), "early", kWriters, 100);
        std::jthread writers{[&] { Blocks::write_all(mounted.root(), "late", kWriters, 200); }};
        {
            const os::FrozenFilesystem frozen{mounted.root()};
            snapshot = world_->cloud().snapshots.create({job_, volume_, "middle", {}}, soon());
        }
        writers.join();
        mounted.close();
    }
    MountedVolume again{*world_, job_, volume_};
    EXPECT_EQ(Blocks::all_wrong(again.root(), "early", kWriters, 100), 0U);
    EXPECT_EQ(Blocks::all_wrong(again.root(), "late", kWriters, 200), 0U);
    again.unmount();
    expect_clean(again.attached().device());
    again.attached().detach();

    ports::VolumeSpec spec;
    spec.owner = job_;
    spec.snapshot = snapshot->id;
    const auto copy = world_->cloud().volumes.create(spec, soon());
    MountedVolume past{*world_, job_, copy.id};
    EXPECT_EQ(Blocks::all_wrong(past.root(), "early", kWriters, 100), 0U);
    past.unmount();
    expect_clean(past.attached().device());
    past.attached().detach();
    expect_sound_layers();
}

TEST_F(Stress, ExportTakesOneBackgroundRequestAtATime) {
    const auto attached =
        world_->cloud().attachments.attach({job_, volume_, world_->work_folder()}, soon());

    struct stat status {};

    ASSERT_EQ(::stat(attached->device().c_str(), &status), 0);
    EXPECT_EQ(
        os::read_file(
            "/sys/fs/fuse/connections/" + std::to_string(minor(status.st_dev)) + "/max_background"
        ),
        "1\n"
    );
}

TEST_F(Stress, KilledStorageDaemonIsNamedAndLeavesNothingBehind) {
    // Something older that must stay whole.
    {
        MountedVolume mounted{*world_, job_, volume_, MountedVolume::Make::filesystem};
        Blocks::write_all(mounted.root(), "old", 1, 300);
        mounted.close();
    }
    const auto snapshot = world_->cloud().snapshots.create({job_, volume_, "", {}}, soon());

    std::filesystem::path loop;
    {
        MountedVolume mounted{*world_, job_, volume_};
        loop = mounted.loop();
        std::atomic<bool> writing{false};
        std::jthread writer{[&] {
            try {
                for (std::uint64_t seed = 400;; ++seed) {
                    writing = true;
                    writing.notify_all();
                    Blocks::write_all(mounted.root(), "new", 2, seed);
                }
            } catch (const Error&) {
                return;  // the disk is gone
            }
        }};
        writing.wait(false);
        EXPECT_EQ(mounted.attached().failure(), std::nullopt);
        ASSERT_EQ(::kill(daemon_pid(), SIGKILL), 0);
        writer.join();
        const auto why = mounted.attached().failure();
        ASSERT_TRUE(why.has_value());
        EXPECT_EQ(why->kind(), ErrorKind::unavailable);
        EXPECT_EQ(why->message(), "the storage daemon ended (signal 9)");
        try {
            mounted.abandon();
            FAIL() << "detached well";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unavailable);
            EXPECT_THAT(
                error.message(), ::testing::HasSubstr("the storage daemon ended (signal 9)")
            );
        }
    }
    EXPECT_THAT(
        os::read_file("/proc/self/mounts"),
        ::testing::Not(::testing::HasSubstr(world_->work_folder().string()))
    );
    EXPECT_FALSE(
        std::filesystem::exists("/sys/block/" + loop.filename().string() + "/loop/backing_file")
    );
    EXPECT_FALSE(std::filesystem::exists(world_->files().pid_file(volume_)));
    const auto frozen = world_->catalog().snapshot(snapshot.id);
    ASSERT_TRUE(frozen.has_value());
    EXPECT_EQ(world_->local().check(frozen->layer), std::nullopt);
    // The volume can be used again: its journal is replayed.
    MountedVolume again{*world_, job_, volume_};
    EXPECT_EQ(Blocks::all_wrong(again.root(), "old", 1, 300), 0U);
    again.close();
}

}  // namespace

}  // namespace kiln::local
