#include "base/testing/kind_of.hpp"
#include "os/guest_root.hpp"
#include "os/loop_device.hpp"
#include "os/mount.hpp"
#include "os/spawn.hpp"
#include "os/tests/root_fixture.hpp"

#include <atomic>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

namespace kiln::os {
namespace {

using ::testing::HasSubstr;

using MountRootTest = RootTest;

Deadline soon() {
    return Deadline::after(std::chrono::seconds{10});
}

LoopDevice attach(const std::filesystem::path& file) {
    return LoopDevice::attach(file, {}, {}, Access::read_write, DirectIo::no, soon());
}

TEST_F(MountRootTest, MountIsSeenAndGoesWithItsOwner) {
    const auto target = make_folder("m");
    {
        const auto mount = Mount::attach("none", target, "tmpfs", 0, "size=1m");
        EXPECT_TRUE(is_mounted(target));
    }
    EXPECT_FALSE(is_mounted(target));
}

TEST_F(MountRootTest, TargetWithSpacesIsFound) {
    const auto target = make_folder("with space\tand tab");
    const auto mount = Mount::attach("none", target, "tmpfs", 0);
    EXPECT_TRUE(is_mounted(target));
}

TEST_F(MountRootTest, TargetReachedThroughALinkIsFound) {
    std::filesystem::create_directory_symlink(make_folder("real"), path("link"));
    const auto mount = Mount::attach("none", make_folder("real/m"), "tmpfs", 0);
    EXPECT_TRUE(is_mounted(path("link/m")));
}

TEST_F(MountRootTest, BusyMountIsAConflictAndStays) {
    const auto target = make_folder("m");
    auto mount = Mount::attach("none", target, "tmpfs", 0);
    auto file = open_file(target / "open", O_WRONLY | O_CREAT);
    EXPECT_EQ(kind_of([&] { mount.unmount(); }), ErrorKind::conflict);
    EXPECT_TRUE(is_mounted(target));
    file.close();
    mount.unmount();
    EXPECT_FALSE(is_mounted(target));
}

TEST_F(MountRootTest, ChildrenThatAreJustStartedDoNotKeepAMountBusy) {
    const auto target = make_folder("m");
    std::atomic<bool> done = false;
    std::thread starter{[&] {
        while (!done) {
            (void)run_captured({.argv = {"true"}});
        }
    }};
    for (int round = 0; round < 300; ++round) {
        auto mount = Mount::attach("none", target, "tmpfs", 0);
        { const auto open = open_file(target, O_RDONLY | O_DIRECTORY); }  // a child may have a copy
        EXPECT_NO_THROW(mount.unmount());
    }
    done = true;
    starter.join();
}

TEST_F(MountRootTest, BusyMountIsDetachedLazilyByItsOwnersEnd) {
    const auto target = make_folder("m");
    Fd file;
    {
        const auto mount = Mount::attach("none", target, "tmpfs", 0);
        file = open_file(target / "open", O_WRONLY | O_CREAT);
    }
    EXPECT_FALSE(is_mounted(target));
    write_all(file, "still there for its holder");
}

TEST_F(MountRootTest, MovedMountIsUnmountedOnce) {
    const auto target = make_folder("m");
    auto first = Mount::attach("none", target, "tmpfs", 0);
    {
        const auto second = std::move(first);
        EXPECT_TRUE(is_mounted(target));
    }
    EXPECT_FALSE(is_mounted(target));
    EXPECT_EQ(kind_of([&] { first.unmount(); }), std::nullopt);
}

TEST_F(MountRootTest, FailureNamesSourceTargetAndTheKernelsReason) {
    const auto file = path("zeros");
    std::filesystem::resize_file(((void)open_file(file, O_WRONLY | O_CREAT), file), 1U << 20);
    const auto loop = attach(file);
    const auto target = make_folder("m");
    const auto message =
        message_of([&] { (void)Mount::attach(loop.path(), target, "ext4", MS_RDONLY); });
    EXPECT_THAT(message, HasSubstr(loop.path().native()));
    EXPECT_THAT(message, HasSubstr(target.native()));
    EXPECT_THAT(message, HasSubstr("EXT4-fs (" + loop.path().filename().native() + ")"));
}

TEST_F(MountRootTest, UnmountAllTakesEveryLayer) {
    const auto target = make_folder("m");
    auto lower = Mount::attach("none", target, "tmpfs", 0);
    auto upper = Mount::attach("none", target, "tmpfs", 0);
    const auto held = open_file(target / "open", O_WRONLY | O_CREAT);
    unmount_all(target);
    EXPECT_FALSE(is_mounted(target));
    EXPECT_EQ(kind_of([&] { unmount_all(target); }), std::nullopt);
}

TEST_F(MountRootTest, TreeIsNotRemovedAcrossAMount) {
    const auto tree = make_folder("tree");
    const auto mount = Mount::attach("none", make_folder("tree/a/mounted"), "tmpfs", 0);
    write_file_durably(tree / "a/mounted/precious", "x");
    EXPECT_EQ(kind_of([&] { remove_tree(tree); }), ErrorKind::conflict);
    EXPECT_TRUE(std::filesystem::exists(tree / "a/mounted/precious"));
}

TEST_F(MountRootTest, TreeIsNotRemovedAcrossABindMountOfTheSameFileSystem) {
    const auto precious = make_folder("precious");
    write_file_durably(precious / "file", "x");
    const auto mount = Mount::attach(precious, make_folder("tree/bound"), "", MS_BIND);
    EXPECT_EQ(kind_of([&] { remove_tree(path("tree")); }), ErrorKind::conflict);
    EXPECT_TRUE(std::filesystem::exists(precious / "file"));
}

TEST_F(MountRootTest, MountsOfThisProcessAreNotSeenByOthers) {
    const auto target = make_folder("m");
    const auto mount = Mount::attach("none", target, "tmpfs", 0);
    const auto theirs = read_file("/proc/1/mountinfo");
    EXPECT_EQ(theirs.find(target.native()), std::string::npos);
}

TEST_F(MountRootTest, SyncPutsTheDataOnTheDevice) {
    const auto image = make_ext4("image");
    const auto loop = attach(image);
    const auto mount = Mount::attach(loop.path(), make_folder("m"), "ext4", 0);
    const Fd file = open_file(path("m/file"), O_WRONLY | O_CREAT);
    write_all(file, "needle in the image");
    sync_filesystem(path("m"), recorded_errors(path("m")));
    EXPECT_NE(read_file(image).find("needle in the image"), std::string::npos);
}

TEST_F(MountRootTest, DamageThatExt4RecordedIsReported) {
    const auto loop = attach(make_ext4("image"));
    const auto mount = Mount::attach(loop.path(), make_folder("m"), "ext4", 0, "errors=continue");
    const auto before = recorded_errors(path("m"));
    ASSERT_EQ(before, std::uint64_t{0});
    write_kernel_file(
        "/sys/fs/ext4" / loop.path().filename() / "trigger_fs_error", "made by a test"
    );
    EXPECT_EQ(kind_of([&] { sync_filesystem(path("m"), before); }), ErrorKind::corrupt);
    EXPECT_EQ(kind_of([&] { sync_filesystem(path("m")); }), std::nullopt);
}

TEST_F(MountRootTest, OtherFileSystemsRecordNoErrors) {
    const auto mount = Mount::attach("none", make_folder("m"), "tmpfs", 0);
    EXPECT_EQ(recorded_errors(path("m")), std::nullopt);
    EXPECT_EQ(kind_of([&] { sync_filesystem(path("m"), 0); }), std::nullopt);
}

/// The state in the image while frozen: no journal to replay.
TEST_F(MountRootTest, FrozenFilesystemIsCleanOnTheDevice) {
    const auto image = make_ext4("image");
    const auto loop = attach(image);
    const auto mount = Mount::attach(loop.path(), make_folder("m"), "ext4", 0);
    write_file_durably(path("m/file"), "x");
    const auto needs_recovery = [&] {
        const auto features = run_checked({.argv = {"dumpe2fs", "-h", image.native()}});
        return features.find("needs_recovery") != std::string::npos;
    };
    ASSERT_TRUE(needs_recovery());
    {
        const FrozenFilesystem frozen{path("m")};
        EXPECT_FALSE(needs_recovery());
    }
    write_file_durably(path("m/file"), "thawed");
}

TEST_F(MountRootTest, FilesystemIsFrozenOnce) {
    const auto loop = attach(make_ext4("image"));
    const auto mount = Mount::attach(loop.path(), make_folder("m"), "ext4", 0);
    FrozenFilesystem frozen{path("m")};
    EXPECT_EQ(kind_of([&] { const FrozenFilesystem twice{path("m")}; }), ErrorKind::conflict);
    frozen.thaw();
    EXPECT_EQ(kind_of([&] { const FrozenFilesystem again{path("m")}; }), std::nullopt);
}

/// What a `kill -9` during a checkpoint leaves: no process, no mount, and a device that is held.
TEST_F(MountRootTest, DeviceOfAnOrphanedFrozenFilesystemIsFreed) {
    const auto image = make_ext4("image");
    const auto target = make_folder("m");
    const pid_t victim = ::fork();
    if (victim == 0) {
        const auto loop = attach(image);
        enter_private_mounts();
        const auto mount = Mount::attach(loop.path(), target, "ext4", 0);
        const FrozenFilesystem frozen{target};
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(victim, &status, 0), victim);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(loop_devices_over(image).size(), 1U) << "nothing is held: the test shows nothing";
    detach_loop_devices(image, soon());
    EXPECT_TRUE(loop_devices_over(image).empty());
}

TEST_F(MountRootTest, DeviceNodeInAGuestIsNotOpened) {
    const auto guest = make_folder("guest");
    ASSERT_EQ(::mknod((guest / "zero").c_str(), S_IFCHR | 0666, ::makedev(1, 5)), 0);
    ASSERT_EQ(::mknod((guest / "disk").c_str(), S_IFBLK | 0666, ::makedev(7, 0)), 0);
    const GuestRoot root{guest};
    for (const auto* name : {"/zero", "/disk"}) {
        EXPECT_EQ(kind_of([&] { (void)root.read(name); }), ErrorKind::invalid) << name;
        EXPECT_EQ(kind_of([&] { (void)root.open(name, O_RDWR); }), ErrorKind::invalid) << name;
    }
    root.write("/zero", "now a file");
    EXPECT_EQ(root.read("/zero"), "now a file");
}

}  // namespace
}  // namespace kiln::os
