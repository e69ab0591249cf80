#include "ledger/job.hpp"
#include "ledger/pid_file.hpp"
#include "ledger/tests/lock_child.hpp"
#include "os/cgroup.hpp"
#include "os/loop_device.hpp"
#include "os/mount.hpp"
#include "os/spawn.hpp"
#include "ports/testing/fake_clock.hpp"
#include "ports/testing/kind_of.hpp"
#include "ports/testing/memory_ledger.hpp"

#include <array>
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kiln::ledger {
namespace {

using ports::Resource;
using ports::ResourceKind;

class KernelUndo : public ::testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "needs root for mounts, loop devices and control groups";
        }
        static const bool once = [] {
            os::enter_private_mounts();
            return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
        }();
        ASSERT_TRUE(once);
        folder_ = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-undo");
    }

    [[nodiscard]] std::filesystem::path path(std::string_view name) const {
        return folder_.path() / name;
    }

    [[nodiscard]] std::filesystem::path make_folder(std::string_view name) const {
        std::filesystem::create_directories(path(name));
        return path(name);
    }

    void undo(ResourceKind kind, const std::string& name) { undo_.at(kind)({kind, name}); }

    /// The signal that ended a process whose parent is gone; it is ours to reap.
    static int reaped(int pid) {
        int status = 0;
        return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

    const std::map<ResourceKind, Undo> undo_ = kernel_undo();
    os::TempDir folder_;
};

TEST_F(KernelUndo, AbsentIsSuccessForEveryKind) {
    for (const auto& [kind, call] : undo_) {
        const auto name =
            kind == ResourceKind::cgroup ? random_id("test-") : path("never").string();
        EXPECT_NO_THROW(undo(kind, name)) << to_string(kind);
    }
    EXPECT_EQ(undo_.size(), 5U);
}

TEST_F(KernelUndo, AMountIsUnmountedAlsoWhenItIsBusy) {
    const auto target = make_folder("mount");
    auto mount = os::Mount::attach("tmpfs", target, "tmpfs", 0);
    std::ofstream busy{target / "open"};
    undo(ResourceKind::mount, target.string());
    EXPECT_FALSE(os::is_mounted(target));
}

TEST_F(KernelUndo, ALoopDeviceIsFoundByItsBackingFile) {
    const auto file = path("disk");
    std::ofstream{file}.close();
    std::filesystem::resize_file(file, 1U << 20U);
    {
        // Without autoclear nobody but the sweep detaches it.
        (void)os::run_checked({.argv = {"losetup", "--find", file.string()}});
    }
    EXPECT_EQ(os::loop_devices_over(file).size(), 1U);
    undo(ResourceKind::loop, file.string());
    EXPECT_TRUE(os::loop_devices_over(file).empty());
}

TEST_F(KernelUndo, AFolderIsRemovedButNothingThatIsMountedInIt) {
    const auto outer = make_folder("outer");
    const auto inner = make_folder("outer/inner");
    auto mount = os::Mount::attach("tmpfs", inner, "tmpfs", 0);
    std::ofstream{inner / "precious"}.close();
    EXPECT_EQ(
        ports::testing::kind_of([&] { undo(ResourceKind::folder, outer.string()); }),
        ErrorKind::conflict
    );
    EXPECT_TRUE(std::filesystem::exists(inner / "precious"));
    mount.unmount();
    undo(ResourceKind::folder, outer.string());
    EXPECT_FALSE(std::filesystem::exists(outer));
}

TEST_F(KernelUndo, AStorageDaemonIsEndedByItsPidFile) {
    if (!os::find_program("qemu-storage-daemon")) {
        GTEST_SKIP() << "needs qemu-storage-daemon";
    }
    const auto pid_file = path("qsd.pid");
    (void)os::run_checked(
        {.argv = {"qemu-storage-daemon", "--daemonize", "--pidfile", pid_file.string()},
         .die_with_parent = false}
    );
    const auto owner = pid_file_owner(pid_file);
    ASSERT_TRUE(owner);
    undo(ResourceKind::process, pid_file.string());
    EXPECT_EQ(reaped(*owner), SIGKILL);
    EXPECT_FALSE(std::filesystem::exists(pid_file));
}

class KilledOwner : public KernelUndo {
  protected:
    /// Whatever the test found: nothing of the killed process stays.
    void TearDown() override {
        if (IsSkipped()) {
            return;
        }
        undo(ResourceKind::process, path("pid").string());
        undo(ResourceKind::cgroup, group_);
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }

    /// A process that owns a folder, a process and a group with a member, and is killed.
    HolderId run_and_kill(const std::filesystem::path& holders) {
        std::array<int, 2> ends{};
        KILN_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
        const os::Fd told{ends[0]};
        os::Fd tell{ends[1]};
        const int pid = fork();
        KILN_CHECK(pid >= 0);
        if (pid == 0) {
            own_for_ever(holders, tell.get());
        }
        tell = os::Fd{};
        std::string text(64, '\0');
        const auto size = read(told.get(), text.data(), text.size());
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        return HolderId::parse(text.substr(0, static_cast<std::size_t>(std::max<long>(size, 0))));
    }

    std::string group_ = random_id("test-");

  private:
    [[noreturn]] void own_for_ever(const std::filesystem::path& holders, int tell) const {
        try {
            const Holder holder{holders};
            (void)make_folder("work/deep/below");
            std::ofstream{path("work/deep/file")} << "left behind";
            auto group = os::Cgroup::make(group_, {});
            auto member = os::Child::spawn(
                {.argv = {"sleep", "600"}, .cgroup_procs = group.procs(), .die_with_parent = false}
            );
            detach_locker();
            (void)!write(tell, holder.id().str().data(), holder.id().str().size());
            for (;;) {
                pause();
            }
        } catch (const std::exception& error) {
            std::fprintf(stderr, "owner: %s\n", error.what());
            _exit(1);
        }
    }

    /// A process that outlives its parent, with the pid file locked.
    void detach_locker() const {
        std::array<int, 2> ends{};
        KILN_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
        if (fork() == 0) {
            // As exec does, lest it inherit the holder's own lock.
            close_range(3, static_cast<unsigned>(ends[1]) - 1, 0);
            close_range(static_cast<unsigned>(ends[1]) + 1, ~0U, 0);
            lock_pid_file(path("pid"));
            (void)!write(ends[1], "x", 1);
            for (;;) {
                pause();
            }
        }
        char byte = 0;
        (void)!read(ends[0], &byte, 1);
    }
};

TEST_F(KilledOwner, LeavesNothingAfterTheSweep) {
    const auto holders = make_folder("holders");
    const auto dead = run_and_kill(holders);
    const auto owner = pid_file_owner(path("pid"));
    ASSERT_TRUE(owner) << "the locker outlives its parent";
    EXPECT_TRUE(std::filesystem::exists(path("work/deep/file")));
    EXPECT_THAT(Holder::dead(holders), ::testing::ElementsAre(dead));

    const ports::testing::FakeClock clock;
    ports::testing::MemoryLedger ledger{dead, clock};
    ledger.intend(
        JobId::random(),
        {{ResourceKind::folder, path("work").string()},
         {ResourceKind::cgroup, group_},
         {ResourceKind::process, path("pid").string()}}
    );
    Sweeper sweeper{ledger, holders, kernel_undo()};
    const auto report = sweeper.sweep();

    EXPECT_TRUE(report.failed.empty());
    EXPECT_EQ(report.undone.size(), 3U);
    EXPECT_FALSE(std::filesystem::exists(path("work")));
    EXPECT_FALSE(std::filesystem::exists(path("pid")));
    EXPECT_EQ(reaped(*owner), SIGKILL);
    EXPECT_NO_THROW((void)os::Cgroup::make(group_, {})) << "the group's name is free again";
    EXPECT_TRUE(ledger.entries().empty());
    EXPECT_TRUE(Holder::dead(holders).empty());
}

}  // namespace
}  // namespace kiln::ledger
