#include "base/error.hpp"
#include "jail/seccomp_program.hpp"

#include <cerrno>
#include <cstring>
#include <set>

#include <gmock/gmock.h>
#include <seccomp.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>

namespace kiln::jail {
namespace {

/// Runs a filter as the kernel does. @returns  its answer, SECCOMP_RET_…
std::uint32_t answer(const std::string& program, const seccomp_data& call) {
    std::vector<sock_filter> code(program.size() / sizeof(sock_filter));
    std::memcpy(code.data(), program.data(), program.size());
    std::uint32_t a = 0;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const auto& op = code[at];
        const auto jump = [&](bool taken) { at += taken ? op.jt : op.jf; };
        switch (op.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                std::memcpy(&a, reinterpret_cast<const char*>(&call) + op.k, sizeof a);
                break;
            case BPF_ALU | BPF_AND | BPF_K:
                a &= op.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                jump(a == op.k);
                break;
            case BPF_JMP | BPF_JGT | BPF_K:
                jump(a > op.k);
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
                jump(a >= op.k);
                break;
            case BPF_JMP | BPF_JSET | BPF_K:
                jump((a & op.k) != 0);
                break;
            case BPF_JMP | BPF_JA:
                at += op.k;
                break;
            case BPF_RET | BPF_K:
                return op.k;
            default:
                throw std::runtime_error{"an operation that this test does not know"};
        }
    }
    throw std::runtime_error{"the filter does not return"};
}

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;

std::uint32_t refused(int error) {
    return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

std::uint32_t native_arch() {
    return seccomp_arch_native();
}

std::uint32_t call(const std::string& name, std::uint64_t first = 0, std::uint64_t second = 0) {
    seccomp_data data{};
    data.nr = seccomp_syscall_resolve_name(name.c_str());
    data.arch = native_arch();
    data.args[0] = first;
    data.args[1] = second;
    return answer(seccomp_program(), data);
}

TEST(Seccomp, EveryCallThatIsAlwaysRefusedIsRefused) {
    int tried = 0;
    for (const auto& rule : seccomp_rules()) {
        // Negative: a call that this architecture does not have.
        if (rule.condition == SeccompRule::When::always &&
            seccomp_syscall_resolve_name(rule.call.c_str()) >= 0) {
            EXPECT_EQ(call(rule.call), refused(rule.error)) << rule.call;
            ++tried;
        }
    }
    EXPECT_GT(tried, 40);
}

TEST(Seccomp, TheListOfRefusedCallsIsTheReviewedOne) {
    std::set<std::string> calls;
    for (const auto& rule : seccomp_rules()) {
        calls.insert(rule.call);
    }
    EXPECT_THAT(
        calls,
        ::testing::ElementsAre(
            "acct",
            "add_key",
            "adjtimex",
            "bpf",
            "clock_adjtime",
            "clock_adjtime64",
            "clock_settime",
            "clock_settime64",
            "clone",
            "clone3",
            "create_module",
            "delete_module",
            "fanotify_init",
            "finit_module",
            "fsconfig",
            "fsmount",
            "fsopen",
            "fspick",
            "get_kernel_syms",
            "init_module",
            "io_uring_enter",
            "io_uring_register",
            "io_uring_setup",
            "ioctl",
            "ioperm",
            "iopl",
            "kexec_file_load",
            "kexec_load",
            "keyctl",
            "lookup_dcookie",
            "mount",
            "mount_setattr",
            "move_mount",
            "nfsservctl",
            "open_by_handle_at",
            "open_tree",
            "perf_event_open",
            "personality",
            "pivot_root",
            "process_vm_readv",
            "process_vm_writev",
            "query_module",
            "quotactl",
            "quotactl_fd",
            "reboot",
            "request_key",
            "setns",
            "settimeofday",
            "socket",
            "stime",
            "swapoff",
            "swapon",
            "syslog",
            "umount",
            "umount2",
            "unshare",
            "userfaultfd",
            "vhangup",
            "vm86",
            "vm86old"
        )
    );
}

TEST(Seccomp, WhatDistributionsNeedIsAllowed) {
    for (const auto* name :
         {"read",
          "openat",
          "execve",
          "ptrace",
          "chroot",
          "fork",
          "vfork",
          "setresuid",
          "fchownat",
          "setxattr",
          "name_to_handle_at",
          "memfd_create",
          "bind",
          "sethostname",
          "kill"}) {
        EXPECT_EQ(call(name), kAllow) << name;
    }
}

TEST(Seccomp, NamespacesAreRefusedAndThreadsAllowed) {
    for (const auto flag :
         {CLONE_NEWNS,
          CLONE_NEWCGROUP,
          CLONE_NEWUTS,
          CLONE_NEWIPC,
          CLONE_NEWUSER,
          CLONE_NEWPID,
          CLONE_NEWNET}) {
        const auto bits = static_cast<std::uint64_t>(flag);
        EXPECT_EQ(call("clone", bits | CLONE_VM | SIGCHLD), refused(EPERM)) << flag;
        EXPECT_EQ(call("unshare", bits), refused(EPERM)) << flag;
    }
    constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                      CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                      CLONE_CHILD_CLEARTID | CLONE_SYSVSEM;
    EXPECT_EQ(call("clone", kThread), kAllow);
    EXPECT_EQ(call("clone", SIGCHLD), kAllow);
    EXPECT_EQ(call("unshare", CLONE_FILES), kAllow);
    EXPECT_EQ(call("unshare", 0x80), refused(EPERM)) << "a time namespace";
}

TEST(Seccomp, HighBitsThatTheKernelDropsDoNotHideAnArgument) {
    constexpr std::uint64_t kHigh = 0x7'0000'0000;
    EXPECT_EQ(call("ioctl", 0, kHigh | TIOCSTI), refused(EPERM));
    EXPECT_EQ(call("socket", kHigh | 40), refused(EPERM));
    EXPECT_EQ(call("personality", kHigh | READ_IMPLIES_EXEC), refused(EPERM));
}

TEST(Seccomp, TerminalsCanBeUsedButNotTypedInto) {
    EXPECT_EQ(call("ioctl", 0, TIOCSTI), refused(EPERM));
    EXPECT_EQ(call("ioctl", 0, TIOCLINUX), refused(EPERM));
    EXPECT_EQ(call("ioctl", 0, TIOCGWINSZ), kAllow);
}

TEST(Seccomp, SocketsAreAllowedButToTheHypervisor) {
    EXPECT_EQ(call("socket", 40), refused(EPERM));
    EXPECT_EQ(call("socket", 2), kAllow);
    EXPECT_EQ(call("socket", 1), kAllow);
}

TEST(Seccomp, PersonalityIsRefusedButForFiveNumbers) {
    const std::set<std::uint64_t> allowed{0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF};
    for (const auto number : allowed) {
        EXPECT_EQ(call("personality", number), kAllow) << number;
    }
    std::set<std::uint64_t> others{0xFFFFFFFE, 0x7FFFFFFF};
    for (const auto number : allowed) {
        others.insert(number + 1);
        others.insert(number - 1);
        for (int bit = 0; bit < 32; ++bit) {
            others.insert(number ^ (std::uint64_t{1} << bit));
        }
    }
    int tried = 0;
    for (const auto number : others) {
        if (!allowed.contains(number & 0xFFFFFFFF)) {
            EXPECT_EQ(call("personality", number), refused(EPERM)) << std::hex << number;
            ++tried;
        }
    }
    EXPECT_GT(tried, 100);
}

TEST(Seccomp, AnotherArchitectureHasNoCallsAtAll) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_S390X;
    EXPECT_EQ(answer(seccomp_program(), data), refused(ENOSYS));
}

#ifdef __x86_64__
TEST(Seccomp, The32BitCallsAreFilteredToo) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_I386;
    data.nr = 21;  // mount
    EXPECT_EQ(answer(seccomp_program(), data), refused(EPERM));
    data.nr = 3;  // read
    EXPECT_EQ(answer(seccomp_program(), data), kAllow);
}

TEST(Seccomp, TheX32CallsDoNotExist) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_X86_64;
    data.nr = 0x40000000 + 165;  // mount
    EXPECT_EQ(answer(seccomp_program(), data), refused(ENOSYS));
    data.nr = 0x40000000;  // read
    EXPECT_EQ(answer(seccomp_program(), data), refused(ENOSYS));
}
#endif

TEST(Seccomp, AnUnknownNameIsAnErrorAndNotAHole) {
    const std::vector<SeccompRule> rules{
        {"no_such_call", EPERM, "", SeccompRule::When::always, 0, {}}};
    EXPECT_THROW((void)compile_seccomp(rules), Error);
}

TEST(Seccomp, TheProgramFitsIntoTheKernel) {
    EXPECT_EQ(seccomp_program().size() % sizeof(sock_filter), 0U);
    EXPECT_LE(seccomp_program().size() / sizeof(sock_filter), 4096U);  // BPF_MAXINSNS
}

}  // namespace
}  // namespace kiln::jail
