#include "jail/tests/small_jail.hpp"
#include "os/fd.hpp"

#include <csignal>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

namespace kiln::jail::testing {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

class Hostile : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto why = cannot_jail()) {
            GTEST_SKIP() << *why;
        }
        jail.emplace();
    }

    /// What the attempt said of itself: proof that it ran.
    [[nodiscard]] std::string attempt(std::vector<std::string> words) const {
        auto ran = jail->run(jail->hostile(std::move(words)));
        EXPECT_TRUE(ran.outcome.ok()) << ran.outcome.status.describe() << ran.err;
        return ran.out;
    }

    [[nodiscard]] std::string shell(const std::string& line) const {
        return jail->run(jail->shell(line)).out;
    }

    std::optional<SmallJail> jail;
};

struct Refusal {
    std::string name;
    std::vector<std::string> attempt;
    std::string answer;
};

class HostileAttempt : public Hostile, public ::testing::WithParamInterface<Refusal> {};

TEST_P(HostileAttempt, IsRefused) {
    EXPECT_EQ(
        attempt(GetParam().attempt), GetParam().attempt.front() + ": " + GetParam().answer + "\n"
    );
}

constexpr auto kNotPermitted = "Operation not permitted";
constexpr auto kReadOnly = "Read-only file system";

std::string flag(int bits) {
    return std::to_string(bits);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    HostileAttempt,
    ::testing::Values(
        Refusal{"Mount", {"mount", "/mnt"}, kNotPermitted},
        Refusal{"RemountRootWritableAndWithDevices", {"remount", "/"}, kNotPermitted},
        Refusal{"RemountProcWritable", {"remount", "/proc"}, kNotPermitted},
        Refusal{"Unmount", {"umount", "/proc"}, kNotPermitted},
        Refusal{"NewMountCalls", {"fsopen"}, kNotPermitted},
        Refusal{"CloneMounts", {"open_tree"}, kNotPermitted},
        Refusal{"PivotRoot", {"pivot_root"}, kNotPermitted},
        Refusal{"LoadModule", {"load_module"}, kNotPermitted},
        Refusal{"MakeDisk", {"make_disk", "8", "0"}, kNotPermitted},
        Refusal{"WriteKernelSettings", {"write", "/proc/sys/kernel/core_pattern"}, kReadOnly},
        Refusal{"WriteKernelSettingsOfMemory", {"write", "/proc/sys/vm/drop_caches"}, kReadOnly},
        Refusal{"WriteOomScoreOfAll", {"write", "/proc/1/oom_score_adj"}, kReadOnly},
        Refusal{"ReadKeysOfTheHost", {"read", "/proc/keys"}, "Permission denied"},
        Refusal{"ReadTimersOfTheHost", {"read", "/proc/timer_list"}, "Permission denied"},
        Refusal{"ReadKernelLog", {"read", "/proc/kmsg"}, kNotPermitted},
        Refusal{"JoinNamespace", {"join_namespace", "/proc/1/ns/mnt"}, kNotPermitted},
        Refusal{"UnshareUser", {"unshare", flag(CLONE_NEWUSER)}, kNotPermitted},
        Refusal{"UnshareMounts", {"unshare", flag(CLONE_NEWNS)}, kNotPermitted},
        Refusal{"CloneUser", {"clone", flag(CLONE_NEWUSER)}, kNotPermitted},
        Refusal{"Clone3User", {"clone3", flag(CLONE_NEWUSER)}, "Function not implemented"},
        Refusal{"AddKey", {"add_key"}, kNotPermitted},
        Refusal{"Userfaultfd", {"userfaultfd"}, kNotPermitted},
        Refusal{"IoUring", {"io_uring"}, "Function not implemented"},
        Refusal{"TypeIntoTerminal", {"type"}, kNotPermitted},
        Refusal{"SetClock", {"set_clock"}, kNotPermitted},
        Refusal{"ReadMemoryOfInit", {"read_memory", "1"}, kNotPermitted},
        Refusal{"SysFolder", {"read", "/sys/kernel/notes"}, "No such file or directory"}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST_F(Hostile, CannotPullTheSysrqTrigger) {
    EXPECT_THAT(
        attempt({"write", "/proc/sysrq-trigger"}),
        AnyOf(HasSubstr(kReadOnly), HasSubstr("No such file or directory"))
    );
}

TEST_F(Hostile, CanWriteInItsOwnVolume) {
    (void)shell("echo mine > /etc/mine");
    EXPECT_EQ(os::read_file(jail->root() / "etc/mine"), "mine\n");
}

TEST_F(Hostile, CannotReachAFileOutside) {
    const auto canary = jail->canary().native();
    ASSERT_EQ(os::read_file(canary), "canary");
    EXPECT_EQ(attempt({"read", canary}), "read: No such file or directory\n");
    EXPECT_EQ(attempt({"read", "/../canary"}), "read: No such file or directory\n");
    EXPECT_EQ(attempt({"read", "/proc/1/root" + canary}), "read: No such file or directory\n");
    EXPECT_EQ(attempt({"read", "/proc/1/cwd" + canary}), "read: No such file or directory\n");
    EXPECT_EQ(attempt({"read", "/etc/shadow"}), "read: No such file or directory\n");
}

TEST_F(Hostile, CannotLeaveByChroot) {
    EXPECT_EQ(
        attempt({"leave_chroot", jail->canary().native()}),
        "leave_chroot: No such file or directory\n"
    );
    EXPECT_EQ(attempt({"leave_chroot", "/etc/passwd"}), "leave_chroot: done\n")
        << "the trick itself";
}

TEST_F(Hostile, SeesNoMountsOfTheHost) {
    // Of the folders bubblewrap lays over themselves in /proc, each kernel has others.
    const auto places = shell(
        "while read _ place _; do echo $place; done < /proc/self/mounts | grep -v '^/proc/.' | tr "
        "'\\n' ' '"
    );
    EXPECT_EQ(
        places,
        "/ /dev /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/pts /dev/shm "
        "/proc /run /tmp \n"
    );
}

TEST_F(Hostile, SeesOnlyItsOwnProcesses) {
    // bubblewrap's process 1, the shell, and the shell's expansion.
    EXPECT_EQ(shell("set -- /proc/[0-9]*; echo $#"), "2\n");
    EXPECT_EQ(attempt({"signal", std::to_string(::getpid())}), "signal: No such process\n");
    EXPECT_EQ(attempt({"trace", std::to_string(::getpid())}), "trace: No such process\n");
    EXPECT_EQ(shell("kill -9 -1; echo alone"), "alone\n");
}

TEST_F(Hostile, CanTraceItsOwnChildren) {
    EXPECT_EQ(attempt({"trace_child"}), "trace_child: done\n");
}

TEST_F(Hostile, CannotReadADiskThatLiesInTheImage) {
    const auto node = jail->root() / "disk";
    if (::mknod(node.c_str(), S_IFCHR | 0666, makedev(1, 5)) != 0) {  // /dev/zero: harmless
        GTEST_SKIP() << "cannot make device nodes here";
    }
    ASSERT_GE(os::open_file(node, O_RDONLY).get(), 0) << "it works outside";
    EXPECT_EQ(attempt({"read", "/disk"}), "read: Permission denied\n");
    EXPECT_EQ(attempt({"read", "/dev/zero"}), "read: done\n");
}

TEST_F(Hostile, HasFewCapabilitiesAndGetsNoMore) {
    constexpr auto kFew = "00000000a00404fb";  // the list in operations.cpp
    EXPECT_EQ(
        shell("grep -E '^(CapPrm|CapEff|NoNewPrivs|Seccomp):' /proc/self/status | tr '\\t\\n' '  '"
        ),
        fmt::format("CapPrm: {0} CapEff: {0} NoNewPrivs: 1 Seccomp: 2 \n", kFew)
    );
}

TEST_F(Hostile, ASetuidProgramGivesNothing) {
    (void)shell("chown 0:0 /bin/busybox");
    std::filesystem::permissions(jail->root() / "bin/busybox", std::filesystem::perms{04755});
    EXPECT_THAT(shell("hostile as_user id"), StartsWith("uid=1000(user)"));
    EXPECT_THAT(shell("hostile as_user id"), Not(HasSubstr("euid")));
}

TEST_F(Hostile, InheritsNoDescriptor) {
    // 3 is the folder that is listed.
    EXPECT_EQ(shell("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 \n");
}

TEST_F(Hostile, KnowsNothingOfKilnsEnvironmentOrArguments) {
    ASSERT_EQ(::setenv("KILN_TEST_SECRET", "hunter2", 1), 0);
    auto plan = jail->shell("cat /proc/1/environ /proc/1/cmdline; env");
    plan.environment = {{"TOKEN", "for the bootstrap"}};
    const auto text = jail->run(plan).out;
    ::unsetenv("KILN_TEST_SECRET");
    EXPECT_THAT(text, HasSubstr("TOKEN=for the bootstrap"));
    EXPECT_THAT(text, HasSubstr("HOME=/root"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(text, Not(HasSubstr(jail->root().native())));
}

TEST_F(Hostile, ALibraryToPreloadIsNotLoadedOnTheHost) {
    auto plan = jail->shell("echo ran");
    plan.environment = {{"LD_PRELOAD", "/nonexistent/evil.so"}};
    const auto ran = jail->run(plan);
    EXPECT_EQ(ran.out, "ran\n");
    // The host's loader would complain of the missing file; the jail's programs are static.
    EXPECT_EQ(ran.err, "");
}

TEST_F(Hostile, CannotKeepADaemonAlive) {
    const auto ran = jail->run(jail->hostile({"daemon"}));
    EXPECT_TRUE(ran.outcome.ok());
    EXPECT_THAT(ran.out, HasSubstr("daemon: done"));
    EXPECT_THAT(jail->cgroup().members(), IsEmpty());
}

TEST_F(Hostile, CannotReachTheHostsNetworkWithoutOne) {
    const os::Fd tcp{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(tcp.get(), raw, size), 0);
    ASSERT_EQ(::listen(tcp.get(), 1), 0);
    ASSERT_EQ(::getsockname(tcp.get(), raw, &size), 0);
    const auto port = std::to_string(ntohs(address.sin_port));

    EXPECT_EQ(attempt({"connect_tcp", port}), "connect_tcp: done\n") << "with the host's network";
    auto plan = jail->hostile({"connect_tcp", port});
    plan.network = Network::none;
    EXPECT_EQ(jail->run(plan).out, "connect_tcp: Connection refused\n");
    plan = jail->hostile({"own_loopback"});
    plan.network = Network::none;
    EXPECT_EQ(jail->run(plan).out, "own_loopback: done\n");
}

TEST_F(Hostile, CannotReachAbstractSocketsWithoutANetwork) {
    const auto name = fmt::format("kiln-jail-test-{}", ::getpid());
    const os::Fd server{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(server.get(), 1), 0);
    EXPECT_EQ(attempt({"connect_abstract", name}), "connect_abstract: done\n");
    auto plan = jail->hostile({"connect_abstract", name});
    plan.network = Network::none;
    EXPECT_EQ(jail->run(plan).out, "connect_abstract: Connection refused\n");
}

TEST_F(Hostile, AForkBombStopsAtTheLimit) {
    const SmallJail small{{.memory = std::nullopt, .processes = 32}};
    const auto ran = small.run(small.hostile({"fork_bomb"}));
    EXPECT_THAT(ran.out, HasSubstr("fork_bomb: Resource temporarily unavailable"));
    EXPECT_THAT(ran.out, ::testing::ContainsRegex("forked 2[0-9]\n|forked 3[01]\n"));
    EXPECT_THAT(small.cgroup().members(), IsEmpty());
}

TEST_F(Hostile, EatingMemoryEndsAtTheLimit) {
    constexpr Bytes kLimit{64U << 20};
    const SmallJail small{{.memory = kLimit, .processes = std::nullopt}};
    Limits limits;
    limits.memory = kLimit;
    const auto ran = small.run(small.hostile({"eat_memory"}), limits);
    EXPECT_EQ(ran.out, "eating\n");
    EXPECT_EQ(ran.outcome.cause, Outcome::Cause::out_of_memory);
    EXPECT_THAT(ran.outcome.detail, StartsWith("the limit of 64.0 MiB was reached"));
    EXPECT_THAT(small.cgroup().members(), IsEmpty());
}

}  // namespace
}  // namespace kiln::jail::testing
