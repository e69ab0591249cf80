#include "os/mount_table.hpp"

#include "os/mount.hpp"

#include <gmock/gmock.h>

namespace kiln::os {
namespace {

TEST(MountTable, FieldsAreFoundWhateverTheOptionalOnes) {
    const auto entries = parse_mount_table(
        "36 35 98:0 / /plain rw,noatime - ext4 /dev/loop3 rw,errors=continue\n"
        "37 35 0:30 /sub /with\\040space rw shared:2 master:1 - cgroup none rw,cpu,cpuacct\n"
    );
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries[0].target, "/plain");
    EXPECT_EQ(entries[0].type, "ext4");
    EXPECT_EQ(entries[0].source, "/dev/loop3");
    EXPECT_EQ(entries[1].root, "/sub");
    EXPECT_EQ(entries[1].target, "/with space");
    EXPECT_EQ(entries[1].super_options, "rw,cpu,cpuacct");
}

TEST(MountTable, TargetThatLooksLikeTheDashIsNotTakenForIt) {
    const auto entries = parse_mount_table("36 35 98:0 / - rw - ext4 /dev/loop3 rw\n");
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].target, "-");
}

TEST(MountTable, BrokenLinesArePassedOver) {
    EXPECT_TRUE(parse_mount_table("").empty());
    EXPECT_TRUE(parse_mount_table("\n\n36 35 98:0 / /x rw\n36 35 98:0 / /x rw - ext4\n").empty());
}

TEST(MountTable, LoneBackslashStays) {
    const auto entries = parse_mount_table("36 35 98:0 / /a\\b\\9 rw - ext4 x rw");
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].target, "/a\\b\\9");
}

TEST(IsMounted, TellsAMountPointFromAFolderBelowOne) {
    EXPECT_TRUE(is_mounted("/proc"));
    EXPECT_TRUE(is_mounted("/proc/"));
    EXPECT_TRUE(is_mounted("/proc/self/../../proc"));
    EXPECT_FALSE(is_mounted("/proc/self"));
    EXPECT_FALSE(is_mounted("/no/such/folder"));
}

}  // namespace
}  // namespace kiln::os
