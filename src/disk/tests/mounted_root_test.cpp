#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "disk/root_disk.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"
#include "os/mount.hpp"
#include "os/quiet_filesystem.hpp"
#include "os/spawn.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace kiln::disk {

namespace {

using namespace kiln::literals;
namespace fs = std::filesystem;

Deadline soon() {
    return Deadline::after(std::chrono::seconds{30});
}

void run(std::vector<std::string> argv, std::string_view input = "") {
    (void)os::run_checked({.argv = std::move(argv)}, soon(), {}, input);
}

Bytes filesystem_size(const fs::path& mounted) {
    struct statvfs status {};

    if (::statvfs(mounted.c_str(), &status) != 0) {
        throw_errno("statvfs");
    }
    return Bytes{std::uint64_t{status.f_blocks} * status.f_frsize};
}

class RootOnDisk : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, for loop devices and mounts";
        }
        os::enter_private_mounts();
        folder_ = os::TempDir::unique(fs::temp_directory_path(), "kiln-disk-test");
        fs::create_directory(target());
    }

    [[nodiscard]] fs::path disk() const { return folder_.path() / "disk"; }

    [[nodiscard]] fs::path target() const { return folder_.path() / "mnt"; }

    void resize(Bytes size) {
        std::ofstream{disk(), std::ios::app}.flush();
        fs::resize_file(disk(), size.count);
    }

    /// Makes a file system in the disk at an offset, by way of a file of its own.
    void put_filesystem(const std::string& type, Bytes offset, Bytes size) {
        const auto part = folder_.path() / "part";
        std::ofstream{part}.flush();
        fs::resize_file(part, size.count);
        make(type, part);
        run(
            {"dd",
             "if=" + part.string(),
             "of=" + disk().string(),
             "bs=1M",
             "conv=notrunc,sparse",
             "seek=" + std::to_string(offset.count >> 20U),
             "status=none"}
        );
        fs::remove(part);
    }

    /// The boot sector of a FAT16 file system, enough to be recognised.
    void put_fat(Bytes offset) {
        std::string sector(512, '\0');
        sector.replace(0, 11, "\xeb\x3c\x90mkfs.fat");
        sector[12] = 2;       // 512 bytes a sector
        sector[13] = 4;       // sectors a cluster
        sector[14] = 1;       // reserved sectors
        sector[16] = 2;       // tables
        sector[18] = 2;       // 512 root entries
        sector[20] = '\x80';  // 32768 sectors
        sector[21] = '\xf8';  // fixed disk
        sector[22] = 64;      // sectors a table
        sector[38] = 0x29;    // label and type follow
        sector.replace(43, 19, "NO NAME    FAT16   ");
        sector[510] = 0x55;
        sector[511] = '\xaa';
        const os::Fd fd = os::open_file(disk(), O_RDWR);
        const auto at = static_cast<off_t>(offset.count);
        ASSERT_EQ(::pwrite(fd.get(), sector.data(), sector.size(), at), 512);
    }

    static void make(const std::string& type, const fs::path& file) {
        run({"mkfs." + type, type == "ext4" ? "-F" : "-f", file.string()});
    }

    MountedRoot mount(MountedRoot::Options options = {}) {
        return MountedRoot::mount(disk(), target(), options, {}, soon());
    }

    /// Writes, unmounts, mounts read-only and reads again.
    void expect_usable(MountedRoot mounted) {
        std::ofstream{target() / "file"} << "content";
        mounted.unmount();
        EXPECT_FALSE(os::is_mounted(target()));
        auto again = mount({.read_only = true});
        EXPECT_EQ(os::read_file(target() / "file"), "content");
        EXPECT_THROW((void)os::open_file(target() / "new", O_CREAT | O_WRONLY), Error);
        again.unmount();
    }

    os::TempDir folder_;
};

class Bare : public RootOnDisk, public testing::WithParamInterface<std::string> {};

TEST_P(Bare, IsMountedWrittenAndReadAgain) {
    resize(400_MiB);
    make(GetParam(), disk());
    EXPECT_EQ(probe(disk()).filesystem, GetParam());
    auto mounted = mount();
    EXPECT_EQ(mounted.location().partition, 0);
    EXPECT_EQ(mounted.location().filesystem, GetParam());
    expect_usable(std::move(mounted));
}

TEST_P(Bare, GrowsToTheDisk) {
    resize(400_MiB);
    make(GetParam(), disk());
    resize(800_MiB);
    auto mounted = mount({.grow = true});
    EXPECT_GT(filesystem_size(target()), 650_MiB);
    expect_usable(std::move(mounted));
}

TEST_P(Bare, TwoCopiesAreMountedAtOnce) {
    resize(400_MiB);
    make(GetParam(), disk());
    if (GetParam() == "btrfs") {
        GTEST_SKIP() << "the kernel refuses two btrfs file systems of one UUID";
    }
    fs::copy_file(disk(), folder_.path() / "copy");
    fs::create_directory(folder_.path() / "second");
    auto first = mount();
    auto second =
        MountedRoot::mount(folder_.path() / "copy", folder_.path() / "second", {}, {}, soon());
    std::ofstream{target() / "only-first"}.flush();
    EXPECT_FALSE(fs::exists(folder_.path() / "second" / "only-first"));
    second.unmount();
    first.unmount();
}

TEST_P(Bare, FrozenCopyIsMountedReadOnly) {
    resize(400_MiB);
    make(GetParam(), disk());
    auto mounted = mount();
    std::ofstream{target() / "file"} << "frozen";
    {
        const os::FrozenFilesystem frozen{target()};
        run({"cp", "--sparse=always", disk().string(), (folder_.path() / "copy").string()});
    }
    mounted.unmount();
    fs::rename(folder_.path() / "copy", disk());
    auto copy = mount({.read_only = true});
    EXPECT_EQ(os::read_file(target() / "file"), "frozen");
    copy.unmount();
}

TEST_P(Bare, QuietCopyNeedsNoReplayAndTheOriginalGoesOn) {
    resize(400_MiB);
    make(GetParam(), disk());
    auto mounted = mount();
    std::ofstream{target() / "file"} << "quiet";
    {
        const os::QuietFilesystem quiet{target()};
        EXPECT_FALSE(std::ofstream{target() / "meanwhile"}.is_open());
        run({"cp", "--sparse=always", disk().string(), (folder_.path() / "copy").string()});
    }
    EXPECT_TRUE(std::ofstream{target() / "after"}.is_open());
    mounted.unmount();
    fs::rename(folder_.path() / "copy", disk());
    auto copy = mount({.read_only = true});
    EXPECT_EQ(os::read_file(target() / "file"), "quiet");
    EXPECT_FALSE(fs::exists(target() / "after"));
    copy.unmount();
}

TEST_P(Bare, QuietIsRefusedWhileAFileIsOpenForWriting) {
    resize(400_MiB);
    make(GetParam(), disk());
    auto mounted = mount();
    {
        const std::ofstream writer{target() / "file"};
        EXPECT_EQ(kind_of([&] { os::QuietFilesystem quiet{target()}; }), ErrorKind::conflict);
        EXPECT_TRUE(std::ofstream{target() / "still"}.is_open());
    }
    mounted.unmount();
}

INSTANTIATE_TEST_SUITE_P(
    Filesystems,
    Bare,
    testing::Values("ext4", "xfs", "btrfs"),
    [](const auto& row) { return row.param; }
);

class Partitioned : public RootOnDisk, public testing::WithParamInterface<std::string> {
  protected:
    void partition(std::string_view script) { run({"sfdisk", "-q", disk().string()}, script); }

    void make_gpt() {
        resize(512_MiB);
        partition("label: gpt\nstart=1MiB, size=64MiB, type=U\nstart=65MiB, size=400MiB, type=L\n");
        put_fat(1_MiB);
        put_filesystem(GetParam(), 65_MiB, 400_MiB);
    }

    void make_mbr() {
        resize(512_MiB);
        partition("label: dos\nstart=1MiB, size=64MiB, type=82\nstart=65MiB, size=400MiB, type=83\n"
        );
        put_filesystem(GetParam(), 65_MiB, 400_MiB);
    }
};

TEST_P(Partitioned, GptRootBesideTheBootFilesIsMounted) {
    make_gpt();
    const Layout layout = probe(disk());
    EXPECT_EQ(layout.table, "gpt");
    ASSERT_EQ(layout.partitions.size(), 2U);
    EXPECT_EQ(layout.partitions[0].filesystem, "vfat");
    EXPECT_EQ(layout.partitions[1].offset, 65_MiB);
    EXPECT_EQ(layout.partitions[1].size, 400_MiB);
    auto mounted = mount();
    EXPECT_EQ(mounted.location().partition, 2);
    expect_usable(std::move(mounted));
}

TEST_P(Partitioned, GptRootGrowsWithItsBackupHeader) {
    make_gpt();
    resize(1_GiB);
    auto mounted = mount({.grow = true});
    EXPECT_GT(mounted.location().size, 950_MiB);
    EXPECT_GT(filesystem_size(target()), 800_MiB);
    expect_usable(std::move(mounted));
    const auto verified = os::run_captured({.argv = {"sfdisk", "--verify", disk().string()}});
    EXPECT_TRUE(verified.status.ok()) << verified.err;
    EXPECT_THAT(verified.out + verified.err, testing::Not(testing::HasSubstr("backup")));
}

TEST_P(Partitioned, MbrRootIsMountedAndGrows) {
    make_mbr();
    EXPECT_EQ(probe(disk()).table, "dos");
    EXPECT_EQ(probe(disk()).partitions.at(1).type, "0x83");
    resize(1_GiB);
    auto mounted = mount({.grow = true});
    EXPECT_GT(filesystem_size(target()), 800_MiB);
    expect_usable(std::move(mounted));
}

INSTANTIATE_TEST_SUITE_P(
    Filesystems,
    Partitioned,
    testing::Values("ext4", "xfs", "btrfs"),
    [](const auto& row) { return row.param; }
);

TEST_F(RootOnDisk, WhatCannotBeMountedIsNamed) {
    resize(256_MiB);
    run({"sfdisk", "-q", disk().string()},
        "label: gpt\nstart=1MiB, size=64MiB, type=U\nstart=65MiB, size=128MiB, type=S\n");
    put_fat(1_MiB);
    const auto swap = folder_.path() / "swap";
    std::ofstream{swap}.flush();
    fs::resize_file(swap, (128_MiB).count);
    run({"mkswap", swap.string()});
    run(
        {"dd",
         "if=" + swap.string(),
         "of=" + disk().string(),
         "bs=1M",
         "conv=notrunc",
         "seek=65",
         "status=none"}
    );
    try {
        (void)mount();
        FAIL() << "mounted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), testing::HasSubstr("found: 1 vfat 64.0 MiB, 2 swap 128 MiB"));
    }
    EXPECT_FALSE(os::is_mounted(target()));
}

TEST_F(RootOnDisk, EmptyDiskIsNamed) {
    resize(16_MiB);
    try {
        (void)mount();
        FAIL() << "mounted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), testing::HasSubstr("unknown contents 16.0 MiB"));
    }
}

TEST_F(RootOnDisk, DamagedSuperblockGivesAnErrorAndLeavesNoLoopDevice) {
    resize(64_MiB);
    make("ext4", disk());
    {
        const os::Fd fd = os::open_file(disk(), O_RDWR);
        const std::string nonsense(16, '\xff');
        ASSERT_EQ(::pwrite(fd.get(), nonsense.data(), nonsense.size(), 1024), 16);
    }
    try {
        (void)mount();
        FAIL() << "mounted";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), testing::HasSubstr("ext4"));
        EXPECT_NE(error.kind(), ErrorKind::conflict);
    }
    EXPECT_THAT(os::loop_devices_over(disk()), testing::IsEmpty());
}

TEST_F(RootOnDisk, StopRequestedBeforeMountsNothing) {
    resize(64_MiB);
    make("ext4", disk());
    std::stop_source stop;
    stop.request_stop();
    try {
        (void)MountedRoot::mount(disk(), target(), {}, stop.get_token(), soon());
        FAIL() << "mounted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    }
}

TEST_F(RootOnDisk, BusyRootIsAConflictAndCanBeUnmountedLater) {
    resize(64_MiB);
    make("ext4", disk());
    auto mounted = mount();
    {
        const os::Fd open = os::open_file(target() / "held", O_CREAT | O_WRONLY);
        try {
            mounted.unmount();
            FAIL() << "unmounted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::conflict);
        }
    }
    mounted.unmount();
    EXPECT_FALSE(os::is_mounted(target()));
    EXPECT_THAT(os::loop_devices_over(disk()), testing::IsEmpty());
}

TEST_F(RootOnDisk, MadeFilesystemIsExt4WithItsLabel) {
    resize(64_MiB);
    make_filesystem(disk(), "root", {});
    EXPECT_EQ(probe(disk()).filesystem, "ext4");
    const auto label =
        os::run_checked({.argv = {"blkid", "-p", "-o", "value", "-s", "LABEL", disk()}});
    EXPECT_EQ(label, "root\n");
    auto mounted = mount();
    EXPECT_FALSE(os::is_mounted(folder_.path()));
    mounted.unmount();
}

}  // namespace

}  // namespace kiln::disk
