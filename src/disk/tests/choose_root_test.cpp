#include "base/error.hpp"
#include "disk/grow.hpp"
#include "disk/root_disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::disk {

namespace {

using namespace kiln::literals;

#if defined(__aarch64__)
constexpr const char* kOurRoot = "b921b045-1df0-41c3-af44-4c6f280d3fae";
constexpr const char* kOtherRoot = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
#else
constexpr const char* kOurRoot = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
constexpr const char* kOtherRoot = "b921b045-1df0-41c3-af44-4c6f280d3fae";
#endif
constexpr const char* kEsp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
constexpr const char* kLinux = "0fc63daf-8483-4772-8e79-3d69d8477de4";
constexpr const char* kExtendedBoot = "bc13c2ff-59e6-4262-a352-b275fd6f7172";

Partition part(
    int number, Bytes offset, Bytes size, std::string filesystem, std::string type = kLinux
) {
    return {number, offset, size, std::move(type), "", std::move(filesystem)};
}

Layout gpt(std::vector<Partition> partitions) {
    return {"gpt", "", std::move(partitions)};
}

struct Found {
    std::string name;
    Layout layout;
    int partition;
    std::string filesystem;
};

class RootIsFound : public testing::TestWithParam<Found> {};

TEST_P(RootIsFound, WhereItStands) {
    const auto root = choose_root(GetParam().layout, 16_GiB);
    EXPECT_EQ(root.partition, GetParam().partition);
    EXPECT_EQ(root.filesystem, GetParam().filesystem);
    if (root.partition == 0) {
        EXPECT_EQ(root.size, 16_GiB);
        EXPECT_EQ(root.offset, 0_B);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    RootIsFound,
    testing::Values(
        Found{"BareExt4", {"", "ext4", {}}, 0, "ext4"},
        Found{"BareXfs", {"", "xfs", {}}, 0, "xfs"},
        Found{"BareBtrfs", {"", "btrfs", {}}, 0, "btrfs"},
        Found{
            "TypeOfThisArchitectureBeforeALargerOne",
            gpt({part(1, 1_MiB, 8_GiB, "ext4"), part(2, 9_GiB, 2_GiB, "ext4", kOurRoot)}),
            2,
            "ext4"},
        Found{
            "TypeOfThisArchitectureBeforeAnotherOnes",
            gpt({part(1, 1_MiB, 8_GiB, "xfs", kOtherRoot), part(2, 9_GiB, 2_GiB, "ext4", kOurRoot)}
            ),
            2,
            "ext4"},
        Found{
            "TypeOfAnotherArchitectureBeforeALargerOne",
            gpt({part(1, 1_MiB, 8_GiB, "ext4"), part(2, 9_GiB, 2_GiB, "xfs", kOtherRoot)}),
            2,
            "xfs"},
        Found{
            "CloudImageWithRootFirstAndBootFilesBehind",
            gpt(
                {part(1, 128_MiB, 2_GiB, "ext4"),
                 part(14, 1_MiB, 3_MiB, ""),
                 part(15, 4_MiB, 124_MiB, "vfat", kEsp)}
            ),
            1,
            "ext4"},
        Found{
            "LargestMountable",
            gpt(
                {part(1, 1_MiB, 1_GiB, "ext4"),
                 part(2, 2_GiB, 4_GiB, "btrfs"),
                 part(3, 7_GiB, 8_GiB, "swap")}
            ),
            2,
            "btrfs"},
        Found{
            "ExtendedBootIsNeverTheRoot",
            gpt({part(1, 1_MiB, 4_GiB, "ext4", kExtendedBoot), part(2, 5_GiB, 2_GiB, "ext4")}),
            2,
            "ext4"},
        Found{
            "SmallLvmVolumeBesideTheRoot",
            gpt({part(1, 1_MiB, 4_GiB, "ext4"), part(2, 5_GiB, 1_GiB, "LVM2_member")}),
            1,
            "ext4"},
        Found{
            "MasterBootRecordLogicalPartition",
            {"dos", "", {part(1, 1_MiB, 8_GiB, "", "0x05"), part(5, 2_MiB, 7_GiB, "xfs", "0x83")}},
            5,
            "xfs"}
    ),
    [](const auto& row) { return row.param.name; }
);

struct Refused {
    std::string name;
    Layout layout;
    std::string words;
};

class NoRoot : public testing::TestWithParam<Refused> {};

TEST_P(NoRoot, IsRefusedNamingWhatWasFound) {
    try {
        (void)choose_root(GetParam().layout, 8_GiB);
        FAIL() << "a root was found";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), testing::HasSubstr(GetParam().words));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    NoRoot,
    testing::Values(
        Refused{
            "LvmBesideTheBootFiles",
            gpt({part(1, 1_MiB, 100_MiB, "vfat", kEsp), part(2, 101_MiB, 8_GiB, "LVM2_member")}),
            "found: 1 vfat 100 MiB, 2 LVM2_member 8.0 GiB (LVM is not supported: import the "
            "logical "
            "volume itself)"},
        Refused{
            "LvmLargerThanAMountableBoot",
            gpt({part(1, 1_MiB, 1_GiB, "ext4"), part(2, 2_GiB, 8_GiB, "LVM2_member")}),
            "2 LVM2_member 8.0 GiB (LVM"},
        Refused{
            "EncryptedRootByType",
            gpt({part(1, 1_MiB, 4_GiB, "ext4"), part(2, 5_GiB, 2_GiB, "crypto_LUKS", kOurRoot)}),
            "2 crypto_LUKS 2.0 GiB (encrypted disks are not supported"},
        Refused{
            "Swap", gpt({part(1, 1_MiB, 1_GiB, "swap")}), "on the gpt disk; found: 1 swap 1.0 GiB"},
        Refused{
            "OnlyTheBootFiles",
            gpt({part(1, 1_MiB, 1_GiB, "vfat", kEsp)}),
            "found: 1 vfat 1.0 GiB"},
        Refused{"BareLvm", {"", "LVM2_member", {}}, "found: LVM2_member 8.0 GiB (LVM"},
        Refused{"BareNothing", {"", "", {}}, "on the disk; found: unknown contents 8.0 GiB"},
        Refused{"BareNtfs", {"", "ntfs", {}}, "found: ntfs 8.0 GiB"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(GrownPartition, FillsTheDisk) {
    const auto layout = gpt({part(14, 1_MiB, 3_MiB, ""), part(1, 4_MiB, 1_GiB, "ext4")});
    EXPECT_EQ(size_when_grown(layout, choose_root(layout, 2_GiB), 2_GiB), 2_GiB - 4_MiB);
}

TEST(GrownPartition, StaysWhereLessThanTwoMebibytesAreBehindIt) {
    const auto layout = gpt({part(1, 4_MiB, 1_GiB, "ext4")});
    EXPECT_EQ(size_when_grown(layout, choose_root(layout, 1_GiB + 5_MiB), 1_GiB + 5_MiB), 1_GiB);
}

TEST(GrownPartition, IsRefusedWhenAnotherStandsBehindIt) {
    const auto layout = gpt({part(1, 4_MiB, 1_GiB, "ext4"), part(2, 2_GiB, 1_MiB, "swap")});
    try {
        (void)size_when_grown(layout, choose_root(layout, 4_GiB), 4_GiB);
        FAIL() << "it grew over partition 2";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), testing::HasSubstr("partition 2 stands behind it"));
    }
}

}  // namespace

}  // namespace kiln::disk
