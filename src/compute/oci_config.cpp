#include "compute/oci_config.hpp"

#include <array>

namespace kiln::compute {

namespace {

/// What root may do in a container: Docker's set without raw sockets and device nodes, and with the
/// right to power its own PID namespace off (reboot(2) reaches no further there).
constexpr std::array kCapabilities{
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_BOOT",
    "CAP_SYS_CHROOT",
    "CAP_NET_BIND_SERVICE"};

/// Those of the kernel's doors that a container has no business at, whatever its capabilities.
constexpr std::array kRefusedCalls{
    "add_key",
    "bpf",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "finit_module",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "move_mount",
    "name_to_handle_at",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pivot_root",
    "quotactl",
    "request_key",
    "settimeofday",
    "swapoff",
    "swapon",
    "userfaultfd",
    "vm86",
    "vm86old"};

constexpr std::array kMasked{
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware"};

constexpr std::array kReadOnly{
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

template <std::size_t N>
json::array words(const std::array<const char*, N>& values) {
    return json::array(values.begin(), values.end());
}

json::object mount(
    std::string_view target,
    std::string_view type,
    std::string_view source,
    std::initializer_list<json::value_ref> options
) {
    return {
        {"destination", target},
        {"type", type},
        {"source", source},
        {"options", json::array(options)}};
}

json::array mounts(const ContainerPlan& plan) {
    json::array all{
        mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}
        ),
        mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777"}),
        mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
        mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
        mount("/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755"}),
    };
    for (const auto& file : plan.files) {
        all.push_back(mount(file.to, "bind", file.from.string(), {"bind", "ro", "nosuid", "nodev"})
        );
    }
    return all;
}

json::object process(const ContainerPlan& plan) {
    const auto capabilities = words(kCapabilities);
    return {
        {"terminal", false},
        {"user", {{"uid", 0}, {"gid", 0}}},
        {"args", json::array{plan.init}},
        {"env", json::array{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
        {"cwd", "/"},
        {"capabilities",
         {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"noNewPrivileges", false},
    };
}

json::object kernel_part(const ContainerPlan& plan) {
    json::array namespaces;
    for (const auto* kind : {"pid", "ipc", "uts", "mount", "cgroup"}) {
        namespaces.push_back(json::object{{"type", kind}});
    }
    namespaces.push_back(json::object{{"type", "network"}, {"path", plan.network}});
    return {
        {"namespaces", std::move(namespaces)},
        {"sysctl", {{"net.ipv4.ping_group_range", "0 2147483647"}}},
        {"maskedPaths", words(kMasked)},
        {"readonlyPaths", words(kReadOnly)},
        {"seccomp",
         {{"defaultAction", "SCMP_ACT_ALLOW"},
          {"syscalls",
           json::array{
               json::object{{"names", words(kRefusedCalls)}, {"action", "SCMP_ACT_ERRNO"}}}}}},
    };
}

}  // namespace

json::object oci_config(const ContainerPlan& plan) {
    return {
        {"ociVersion", "1.0.2"},
        {"root", {{"path", plan.root.string()}, {"readonly", false}}},
        {"hostname", plan.hostname},
        {"process", process(plan)},
        {"mounts", mounts(plan)},
        {"linux", kernel_part(plan)},
    };
}

}  // namespace kiln::compute
