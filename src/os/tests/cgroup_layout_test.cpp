#include "os/cgroup_layout.hpp"

#include "base/testing/kind_of.hpp"
#include "os/cgroup.hpp"

#include <gmock/gmock.h>

namespace kiln::os {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kPure =
    "23 1 0:21 / /proc rw - proc proc rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

constexpr std::string_view kHybrid =
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "37 31 0:34 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
    "38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n"
    "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

TEST(CgroupLayout, PureVersion2TakesAllFromOneHierarchy) {
    EXPECT_THAT(
        choose_seats(kPure, "cpuset cpu io memory hugetlb pids\n"),
        ElementsAre(CgroupSeat{
            .folder = "/sys/fs/cgroup",
            .unified = true,
            .memory = true,
            .pids = true,
            .cpu = true,
            .quota = true,
            .io = true})
    );
}

TEST(CgroupLayout, Version2WithoutControllersStillCountsTime) {
    EXPECT_THAT(
        choose_seats(kPure, "cpuset\n"),
        ElementsAre(CgroupSeat{.folder = "/sys/fs/cgroup", .unified = true, .cpu = true})
    );
}

TEST(CgroupLayout, HybridTakesFromVersion1OnlyWhatVersion2Lacks) {
    EXPECT_THAT(
        choose_seats(kHybrid, "\n"),
        ElementsAre(
            CgroupSeat{.folder = "/sys/fs/cgroup/unified", .unified = true, .cpu = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/cpu,cpuacct", .quota = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/memory", .memory = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/blkio", .io = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/pids", .pids = true}
        )
    );
}

TEST(CgroupLayout, PureVersion1CountsTimeByCpuacct) {
    const auto version1 = kHybrid.substr(0, kHybrid.rfind("41 31"));
    EXPECT_THAT(
        choose_seats(version1, ""),
        ElementsAre(
            CgroupSeat{.folder = "/sys/fs/cgroup/cpu,cpuacct", .cpu = true, .quota = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/memory", .memory = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/blkio", .io = true},
            CgroupSeat{.folder = "/sys/fs/cgroup/pids", .pids = true}
        )
    );
}

TEST(CgroupLayout, HierarchyMountedTwiceIsTakenOnce) {
    const auto twice =
        std::string{kHybrid} + "90 31 0:36 / /other/pids rw - cgroup cgroup rw,pids\n";
    EXPECT_EQ(choose_seats(twice, ""), choose_seats(kHybrid, ""));
}

TEST(CgroupLayout, HostWithoutControlGroupsHasNone) {
    EXPECT_THAT(choose_seats("", ""), IsEmpty());
}

TEST(CgroupLayout, NumberIsFoundByItsWholeKey) {
    const auto* const text = "oom 1\noom_kill 3\nusage_usec 123456789012\n";
    EXPECT_EQ(keyed_number(text, "oom_kill"), 3U);
    EXPECT_EQ(keyed_number(text, "oom"), 1U);
    EXPECT_EQ(keyed_number(text, "usage_usec"), 123456789012U);
    EXPECT_EQ(keyed_number(text, "oom_kil"), 0U);
    EXPECT_EQ(keyed_number("", "x"), 0U);
}

TEST(CgroupLayout, BytesAreSummedOverDevices) {
    const auto* const text =
        "8:0 rbytes=100 wbytes=7 rios=1 wios=2 dbytes=0 dios=0\n7:1 rbytes=20 wbytes=1 rios=1\n";
    EXPECT_EQ(sum_of(text, "rbytes"), 120U);
    EXPECT_EQ(sum_of(text, "wbytes"), 8U);
    EXPECT_EQ(sum_of("", "wbytes"), 0U);
}

TEST(Cgroup, NameThatWouldLeaveTheParentIsRefused) {
    for (const auto* name : {"", "..", ".", "a/b", "/a", "../x"}) {
        EXPECT_EQ(kind_of([&] { (void)Cgroup::make(name, {}); }), ErrorKind::invalid) << name;
        EXPECT_EQ(kind_of([&] { Cgroup::destroy(name, Deadline::never()); }), ErrorKind::invalid)
            << name;
    }
}

}  // namespace
}  // namespace kiln::os
