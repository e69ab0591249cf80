#include "jail/operations.hpp"

#include "jail/check_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::jail {

namespace {

struct Capability {
    std::string_view name;
    std::string_view reason;
};

/// Docker's default list without MKNOD, NET_RAW and SETPCAP. bubblewrap 0.8 leaves the bounding set
/// as it is, so SETPCAP would let the jail fill its inheritable set from it.
constexpr std::array kCapabilities{
    Capability{"CAP_AUDIT_WRITE", "useradd and PAM write to the audit log"},
    Capability{"CAP_CHOWN", "packages give files to their users"},
    Capability{"CAP_DAC_OVERRIDE", "root writes where a file's mode forbids it"},
    Capability{"CAP_FOWNER", "root changes modes of files that belong to others"},
    Capability{"CAP_FSETID", "setuid bits outlive writing"},
    Capability{"CAP_KILL", "root ends processes of the users it became"},
    Capability{"CAP_NET_BIND_SERVICE", "a smoke test may serve on port 80"},
    Capability{"CAP_SETFCAP", "packages set file capabilities, ping does"},
    Capability{"CAP_SETGID", "package tools give up root to fetch"},
    Capability{"CAP_SETUID", "package tools give up root to fetch"},
    Capability{
        "CAP_SYS_CHROOT", "build tools make roots of their own; there is nothing to escape to"},
};

constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

using Operations = std::vector<Operation>;

void add_root(Operations& list, const JailPlan& plan) {
    list.push_back(
        {{"--bind", plan.root.string(), "/"},
         "the volume is the root; device nodes and setuid bits in it have no force (nodev, nosuid)"}
    );
    list.push_back(
        {{"--dev", "/dev"}, "null, zero, full, random, urandom, tty and terminals, no disks"}
    );
    list.push_back({{"--perms", "1777", "--tmpfs", "/dev/shm"}, "shared memory for every user"});
}

void add_proc(Operations& list, const JailSupport& support) {
    list.push_back({{"--proc", "/proc"}, "the processes of the jail, and no others"});
    for (const auto& path : support.hidden_files) {
        list.push_back({{"--ro-bind", "/dev/null", path}, "tells about the host: cannot be opened"}
        );
    }
    // Not `--ro-bind /proc/sys /proc/sys`: other files in /proc obey root without a capability too.
    list.push_back(
        {{"--remount-ro", "/proc"},
         "settings of the running kernel (/proc/sys, sysrq-trigger, …) obey root even without "
         "capabilities"}
    );
}

void add_own_folders(Operations& list, const JailPlan& plan, const JailSupport& support) {
    list.push_back(
        {{"--perms", "0755", "--tmpfs", "/run"}, "what runs leaves no trace in the image"}
    );
    list.push_back(
        {{"--perms", "1777", "--tmpfs", "/tmp"}, "temporary files leave no trace in the image"}
    );
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
        const auto& file = plan.files[i];
        list.push_back(
            {{"--perms",
              fmt::format("{:04o}", file.mode),
              "--file",
              std::to_string(support.first_file_fd + static_cast<int>(i)),
              file.inside},
             "for the time of the command only"}
        );
    }
    for (const auto& bind : plan.binds) {
        list.push_back(
            {{bind.writable ? "--bind" : "--ro-bind", bind.host.string(), bind.inside},
             bind.writable ? "a folder of the host that the command may write"
                           : "a folder of the host, to read"}
        );
    }
}

void add_namespaces(Operations& list, const JailPlan& plan) {
    list.push_back({{"--unshare-pid"}, "sees its own processes only; all die with the first"});
    list.push_back({{"--unshare-ipc"}, "no shared memory or queues of the host"});
    list.push_back({{"--unshare-uts", "--hostname", plan.hostname}, "a host name of its own"});
    list.push_back({{"--unshare-cgroup-try"}, "does not see the group it is counted in"});
    if (plan.network == Network::none) {
        list.push_back({{"--unshare-net"}, "no network but a loopback of its own"});
    }
    list.push_back({{"--die-with-parent"}, "nothing outlives kiln, kill -9 included"});
    if (!plan.terminal) {
        list.push_back({{"--new-session"}, "no controlling terminal to type into"});
    }
}

void add_privileges(Operations& list, const JailSupport& support) {
    list.push_back({{"--cap-drop", "ALL"}, "root in name and ownership, few of its powers"});
    for (const auto& capability : kCapabilities) {
        list.push_back({{"--cap-add", std::string{capability.name}}, std::string{capability.reason}}
        );
    }
    list.push_back(
        {{"--seccomp", std::to_string(support.seccomp_fd)},
         "system calls that reach the kernel's or the host's state are refused"}
    );
    list.push_back(
        {{"--json-status-fd", std::to_string(support.status_fd)}, "tells kiln how it ended"}
    );
}

void add_environment(Operations& list, const JailPlan& plan) {
    const auto given = [&](std::string_view name) -> const std::string* {
        const auto at =
            std::ranges::find(plan.environment, name, &std::pair<std::string, std::string>::first);
        return at == plan.environment.end() ? nullptr : &at->second;
    };
    const auto set = [&](std::string_view name, std::string value, std::string_view reason) {
        list.push_back({{"--setenv", std::string{name}, std::move(value)}, std::string{reason}});
    };
    const auto unless_given =
        [&](std::string_view name, std::string_view value, std::string_view reason) {
            if (given(name) == nullptr) {
                set(name, std::string{value}, reason);
            }
        };
    list.push_back({{"--clearenv"}, "nothing of kiln's own environment"});
    const auto* path = given("PATH");
    set("PATH",
        fmt::format("{}:{}", kWrapperFolder, path != nullptr ? std::string_view{*path} : kPath),
        "programs of the image, behind the wrappers that keep services from starting");
    unless_given("HOME", "/root", "root's home");
    unless_given("LANG", "C.UTF-8", "the same messages and sorting everywhere");
    unless_given("TERM", plan.terminal ? "linux" : "dumb", "what the output can show");
    unless_given("DEBIAN_FRONTEND", "noninteractive", "package scripts must not ask");
    unless_given("SYSTEMD_OFFLINE", "1", "systemctl enables units, but talks to no service");
    for (const auto& [name, value] : plan.environment) {
        if (name != "PATH") {
            list.push_back({{"--setenv", name, value}, "asked for", true});
        }
    }
    list.push_back({{"--chdir", plan.directory}, "working directory"});
}

}  // namespace

const std::vector<std::string>& telling_files() {
    // Docker's list of masked files, without those that read-only /proc or a missing capability
    // make harmless; folders in it hold hardware names only.
    static const std::vector<std::string> files{
        "/proc/kcore",
        "/proc/keys",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/proc/latency_stats",
        "/proc/interrupts",
    };
    return files;
}

const std::vector<std::string>& own_mount_points() {
    static const std::vector<std::string> folders{"/dev", "/proc", "/run", "/tmp"};
    return folders;
}

bool on_own_tmpfs(std::string_view path) {
    return (path.starts_with("/run/") || path.starts_with("/tmp/")) && path.size() > 5;
}

Operations operations(const JailPlan& plan, const JailSupport& support) {
    check_plan(plan);
    Operations list;
    add_root(list, plan);
    add_proc(list, support);
    add_own_folders(list, plan, support);
    add_namespaces(list, plan);
    add_privileges(list, support);
    add_environment(list, plan);
    return list;
}

}  // namespace kiln::jail
