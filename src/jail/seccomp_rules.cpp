#include "jail/seccomp_rules.hpp"

#include <cerrno>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sched.h>

namespace kiln::jail {

namespace {

using When = SeccompRule::When;

// CLONE_NEWTIME shares its number with the exit signal of clone(2), so it counts for unshare(2)
// only.
constexpr std::uint32_t kNewTime = 0x80;
constexpr std::uint32_t kNewNamespace = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// Numbers of ioctl(2) from <asm-generic/ioctls.h> and <linux/tiocl.h>'s call.
constexpr std::uint32_t kTiocsti = 0x5412;
constexpr std::uint32_t kTioclinux = 0x541C;

constexpr std::uint32_t kAfVsock = 40;  // <linux/socket.h>

// personality(2): Linux, UNAME26, PER_LINUX32, both, and the query. As in Docker's profile.
const std::vector<std::uint32_t> kPersonalities{0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF};

std::vector<SeccompRule> make_rules() {
    std::vector<SeccompRule> rules;
    const auto always = [&](int error,
                            std::string_view reason,
                            std::initializer_list<std::string_view> calls) {
        for (const auto call : calls) {
            rules.push_back({std::string{call}, error, std::string{reason}, When::always, 0, {}});
        }
    };
    always(
        EPERM,
        "mounts belong to the jail",
        {"mount",
         "umount",
         "umount2",
         "pivot_root",
         "move_mount",
         "open_tree",
         "fsopen",
         "fsmount",
         "fsconfig",
         "fspick",
         "mount_setattr"}
    );
    always(
        EPERM,
        "code in the kernel",
        {"init_module",
         "finit_module",
         "delete_module",
         "create_module",
         "query_module",
         "get_kernel_syms",
         "kexec_load",
         "kexec_file_load",
         "bpf"}
    );
    always(
        EPERM,
        "the host's power, swap, quotas and accounting",
        {"reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "nfsservctl", "vhangup"}
    );
    always(
        EPERM,
        "the host's clock",
        {"settimeofday",
         "stime",
         "clock_settime",
         "clock_settime64",
         "clock_adjtime",
         "clock_adjtime64",
         "adjtimex"}
    );
    always(EPERM, "keys of the kernel are not per namespace", {"keyctl", "add_key", "request_key"});
    always(
        EPERM,
        "looks into the kernel or other processes",
        {"perf_event_open",
         "lookup_dcookie",
         "syslog",
         "fanotify_init",
         "process_vm_readv",
         "process_vm_writev"}
    );
    always(EPERM, "files by number, around every path", {"open_by_handle_at"});
    always(EPERM, "other namespaces", {"setns"});
    always(EPERM, "hardware ports and old processor modes", {"iopl", "ioperm", "vm86", "vm86old"});
    always(EPERM, "a common part of kernel exploits", {"userfaultfd"});
    always(
        ENOSYS,
        "a common part of kernel exploits",
        {"io_uring_setup", "io_uring_enter", "io_uring_register"}
    );
    // Its flags lie in memory, which a filter cannot read. The C library then uses clone.
    always(ENOSYS, "could make namespaces unseen", {"clone3"});
    rules.push_back(
        {"clone",
         EPERM,
         "namespaces of its own would give it all capabilities",
         When::any_bit,
         0,
         {kNewNamespace}}
    );
    rules.push_back(
        {"unshare",
         EPERM,
         "namespaces of its own would give it all capabilities",
         When::any_bit,
         0,
         {kNewNamespace | kNewTime}}
    );
    rules.push_back(
        {"ioctl",
         EPERM,
         "types into the terminal of whoever opened a shell",
         When::equal,
         1,
         {kTiocsti, kTioclinux}}
    );
    rules.push_back(
        {"socket",
         EPERM,
         "reaches the hypervisor, whatever the network namespace",
         When::equal,
         0,
         {kAfVsock}}
    );
    rules.push_back(
        {"personality",
         EPERM,
         "switches protections of memory off",
         When::none_equal,
         0,
         kPersonalities}
    );
    return rules;
}

}  // namespace

std::string SeccompRule::when() const {
    switch (condition) {
        case When::always:
            return "always";
        case When::any_bit:
            return fmt::format("argument {} has a bit of {:#x}", argument, values.front());
        case When::equal:
            return fmt::format("argument {} is {:#x}", argument, fmt::join(values, " or "));
        case When::none_equal:
            return fmt::format("argument {} is not {:#x}", argument, fmt::join(values, " or "));
    }
    return {};
}

const std::vector<SeccompRule>& seccomp_rules() {
    static const auto rules = make_rules();
    return rules;
}

}  // namespace kiln::jail
