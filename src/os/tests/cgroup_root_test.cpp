#include "base/testing/kind_of.hpp"
#include "os/cgroup.hpp"
#include "os/cgroup_kill.hpp"
#include "os/interrupt.hpp"
#include "os/tests/root_fixture.hpp"

#include <algorithm>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace kiln::os {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace literals;

Deadline soon() {
    return Deadline::after(std::chrono::seconds{20});
}

class CgroupRootTest : public RootTest {
  protected:
    void SetUp() override {
        RootTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        try {
            group_ = Cgroup::make(name_, {.memory = 64_MiB, .processes = 16});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::denied && error.kind() != ErrorKind::unavailable) {
                throw;
            }
            GTEST_SKIP() << "needs control groups: " << error.message();
        }
    }

    [[nodiscard]] Command in_group(std::string script) const {
        return {
            .argv = {"sh", "-c", std::move(script)},
            .cgroup_procs = group_.procs(),
            .cgroup_folder = group_.folder()};
    }

    /// Folders of this name, in any hierarchy of this host.
    static std::vector<std::string> folders(const std::string& name) {
        std::vector<std::string> found;
        for (const auto& base :
             {"/sys/fs/cgroup",
              "/sys/fs/cgroup/unified",
              "/sys/fs/cgroup/cpu",
              "/sys/fs/cgroup/memory",
              "/sys/fs/cgroup/pids",
              "/sys/fs/cgroup/blkio"}) {
            const auto folder = std::filesystem::path{base} / "kiln" / name;
            if (std::filesystem::exists(folder)) {
                found.push_back(folder);
            }
        }
        return found;
    }

    std::string name_ = "test-" + std::to_string(::getpid());
    Cgroup group_;
};

/// Of a child that shows its own groups: in how many it is.
std::size_t groups_joined(const Command& command, const std::string& name) {
    const auto out = run_captured(command).out;
    std::size_t count = 0;
    for (auto at = out.find("/kiln/" + name); at != std::string::npos;
         at = out.find("/kiln/" + name, at + 1)) {
        ++count;
    }
    return count;
}

TEST_F(CgroupRootTest, ChildIsAMemberBeforeItsProgramRuns) {
    const auto command = in_group("cat /proc/self/cgroup");
    EXPECT_EQ(groups_joined(command, name_), group_.procs().size());
}

TEST_F(CgroupRootTest, ChildOfAnOldKernelJoinsByTheFilesAlone) {
    auto command = in_group("cat /proc/self/cgroup");
    command.cgroup_folder = -1;
    EXPECT_EQ(groups_joined(command, name_), group_.procs().size());
}

TEST_F(CgroupRootTest, ChildThatCannotStartInAGroupSaysWhyAndIsNoMember) {
    auto command = in_group("true");
    command.directory = "/no/such/folder";
    EXPECT_EQ(kind_of([&] { (void)Child::spawn(command); }), ErrorKind::not_found);
    EXPECT_THAT(group_.members(), IsEmpty());
}

TEST_F(CgroupRootTest, KillEndsAllAlsoThoseInGroupsAndSessionsOfTheirOwn) {
    auto child =
        Child::spawn(in_group("setsid sleep 1000 & setsid sh -c 'sleep 1000 & wait' & wait"));
    group_.kill(soon());
    EXPECT_THAT(group_.members(), IsEmpty());
    EXPECT_EQ(child.wait(soon())->signal, SIGKILL);
}

TEST_F(CgroupRootTest, ForkBombIsHeldAndKilled) {
    auto child =
        Child::spawn(in_group("bomb() { bomb | bomb & }; bomb; sleep 1000 & wait; sleep 1000"));
    group_.kill(soon());
    EXPECT_THAT(group_.members(), IsEmpty());
    (void)child.wait(soon());
}

TEST_F(CgroupRootTest, GroupIsUsableAfterAKill) {
    auto first = Child::spawn(in_group("sleep 1000"));
    group_.kill(soon());
    (void)first.wait(soon());
    EXPECT_EQ(run_checked(in_group("sh -c 'echo two'")), "two\n");
}

/// The way of hosts without cgroup.kill.
TEST_F(CgroupRootTest, KillOneByOneOutrunsForksAndPutsTheLimitBack) {
    std::filesystem::path folder;
    for (const auto& candidate : folders(name_)) {
        if (std::filesystem::exists(std::filesystem::path{candidate} / "pids.max")) {
            folder = candidate;
        }
    }
    ASSERT_FALSE(folder.empty());
    auto child = Child::spawn(in_group("while true; do sh -c 'sleep 1000 &' & done"));
    kill_members({CgroupSeat{.folder = folder, .unified = false, .pids = true}}, soon());
    EXPECT_THAT(members_of(folder), IsEmpty());
    // By the signal, or by itself: a shell whose fork is refused gives up.
    EXPECT_TRUE(child.wait(soon()).has_value());
    EXPECT_EQ(read_file(folder / "pids.max"), "16\n");
}

TEST_F(CgroupRootTest, KillOfAnEmptyGroupReturnsAtOnce) {
    EXPECT_EQ(kind_of([&] { group_.kill(soon()); }), std::nullopt);
}

TEST_F(CgroupRootTest, MemberIsListed) {
    auto child = Child::spawn(in_group("exec sleep 1000"));
    EXPECT_THAT(group_.members(), Contains(child.pid()));
}

TEST_F(CgroupRootTest, MoreProcessesThanAllowedAreRefused) {
    const auto captured =
        run_captured(in_group("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "
                              "sleep 1000 & done; echo all"));
    group_.kill(soon());
    EXPECT_FALSE(captured.status.ok() && captured.err.empty()) << captured.out;
}

TEST_F(CgroupRootTest, MemoryHogIsKilledAndCounted) {
    const auto captured = run_captured(in_group("exec tail /dev/zero"));
    EXPECT_EQ(captured.status.signal, SIGKILL);
    const auto usage = group_.usage();
    EXPECT_GE(usage.memory_kills, 1U);
    EXPECT_GT(usage.memory_peak_bytes, (32_MiB).count);
    EXPECT_LE(usage.memory_peak_bytes, (64_MiB).count);
}

TEST_F(CgroupRootTest, TimeOfEndedMembersIsCounted) {
    const auto before = group_.usage().cpu;
    (void)run_captured(in_group("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
    EXPECT_GT(group_.usage().cpu, before);
}

TEST_F(CgroupRootTest, WithoutLimitsUsageIsCountedAllTheSame) {
    const auto group = Cgroup::make(name_ + "-free", {});
    Command command{
        .argv = {"sh", "-c", "head -c 5000000 /dev/zero | tail -c 5000000 | wc -c"},
        .cgroup_procs = group.procs()};
    EXPECT_EQ(run_checked(command), "5000000\n");
    EXPECT_GT(group.usage().memory_peak_bytes, 0U);
    EXPECT_GT(group.usage().cpu.count(), 0);
}

TEST_F(CgroupRootTest, CpuTimeIsThatOfSoManyProcessors) {
    const auto name = name_ + "-cpus";
    const auto group = Cgroup::make(name, {.cpus = 2});
    std::vector<std::string> quotas;
    for (const auto& folder : folders(name)) {
        for (const auto* file : {"cpu.max", "cpu.cfs_quota_us"}) {
            if (const auto path = std::filesystem::path{folder} / file; exists(path)) {
                quotas.push_back(read_file(path));
            }
        }
    }
    if (quotas.empty()) {
        GTEST_SKIP() << "needs a controller of CPU time";
    }
    EXPECT_THAT(quotas, ::testing::ElementsAre(::testing::AnyOf("200000\n", "200000 100000\n")));
}

TEST_F(CgroupRootTest, WhoEntersAGroupIsHeldByItsLimits) {
    auto child = Child::spawn(in_group("sleep 1000"));
    const pid_t other = ::fork();
    if (other == 0) {
        Cgroup::enter(name_);
        ::execlp("sleep", "sleep", "1000", nullptr);
        ::_exit(1);
    }
    const auto deadline = soon();
    unsigned attempt = 0;
    while (std::ranges::count(group_.members(), other) == 0 &&
           pause_before_retry(attempt++, deadline)) {
    }
    EXPECT_THAT(group_.members(), Contains(other));
    ::kill(other, SIGKILL);
    EXPECT_EQ(::waitpid(other, nullptr, 0), other);
}

TEST_F(CgroupRootTest, EndOfTheOwnerKillsAndRemoves) {
    auto child = Child::spawn(in_group("sleep 1000"));
    ASSERT_FALSE(folders(name_).empty());
    { const auto owner = std::move(group_); }
    EXPECT_EQ(child.wait(soon())->signal, SIGKILL);
    EXPECT_THAT(folders(name_), IsEmpty());
}

TEST_F(CgroupRootTest, GroupWithMembersIsNotRemoved) {
    auto child = Child::spawn(in_group("sleep 1000"));
    EXPECT_EQ(kind_of([&] { group_.remove(); }), ErrorKind::conflict);
    EXPECT_TRUE(child.running());
}

TEST_F(CgroupRootTest, NameInUseIsAConflictThatLeavesTheFirstAlone) {
    auto child = Child::spawn(in_group("exec sleep 1000"));
    EXPECT_EQ(kind_of([&] { (void)Cgroup::make(name_, {}); }), ErrorKind::conflict);
    EXPECT_THAT(group_.members(), Contains(child.pid()));
}

TEST_F(CgroupRootTest, SweepEndsAGroupThatAnotherMade) {
    auto child = Child::spawn(in_group("sleep 1000"));
    Cgroup::destroy(name_, soon());
    EXPECT_EQ(child.wait(soon())->signal, SIGKILL);
    EXPECT_THAT(folders(name_), IsEmpty());
    EXPECT_EQ(kind_of([&] { Cgroup::destroy(name_, soon()); }), std::nullopt);
}

}  // namespace
}  // namespace kiln::os
