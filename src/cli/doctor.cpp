#include "cli/doctor.hpp"

#include "os/programs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::cli {

std::vector<ProgramFact> known_programs() {
    const auto program =
        [](std::string name, std::vector<std::string> ask, std::string needed_for, bool required) {
            auto package = std::string{os::package_of(name)};
            return ProgramFact{
                std::move(name),
                std::move(package),
                std::move(ask),
                std::move(needed_for),
                required,
                {}};
        };
    return {
        program("qemu-img", {"--version"}, "bakes", true),
        program("qemu-storage-daemon", {"--version"}, "bakes", true),
        program("bwrap", {"--version"}, "bakes", true),
        program("mkfs.ext4", {"-V"}, "importing root tars", true),
        program("e2fsck", {"-V"}, "growing ext4 images", false),
        program("resize2fs", {}, "growing ext4 images", false),
        program("xfs_growfs", {"-V"}, "growing xfs images", false),
        program("btrfs", {"--version"}, "growing btrfs images", false),
        program("sfdisk", {"--version"}, "growing partitioned images", false),
        program("rpm", {"--version"}, "packages of rpm images in diff and sbom", false),
        program("crun", {"--version"}, "instances of the types ct.*", false),
        program("ip", {"-V"}, "instances", false),
        program("nft", {"--version"}, "instances", false),
        program(
            "qemu-system-x86_64", {"--version"}, "instances of the types vm.*, --boot-test", false
        ),
        program("ssh", {"-V"}, "kiln instance ssh", false),
        program("mmdebstrap", {"--version"}, "making base images from nothing", false),
        {"libcurl", "libcurl4", {}, "bootstraps from https:// URLs", false, {}},
    };
}

namespace {

using State = Check::State;

Check privileges(const HostFacts& facts) {
    return facts.root ? Check{"root", State::ok, "running as root", ""}
                      : Check{
                            "root",
                            State::fail,
                            "not root: mounts and loop devices are denied",
                            "run kiln with sudo"};
}

Check device(std::string name, bool there, const std::string& path, const std::string& module) {
    return there ? Check{std::move(name), State::ok, path, ""}
                 : Check{
                       std::move(name),
                       State::fail,
                       path + " cannot be opened",
                       "modprobe " + module + "; in a container, pass " + path + " through"};
}

Check jail(const HostFacts& facts) {
    if (!facts.jail_problem) {
        return {"namespaces", State::ok, "bubblewrap ran a program in namespaces of its own", ""};
    }
    return {
        "namespaces",
        State::fail,
        *facts.jail_problem,
        "apt install bubblewrap; in a container, allow it to make namespaces and mounts "
        "(--privileged)"};
}

Check cgroups(const HostFacts& facts) {
    const std::string fix =
        "mount cgroup2 at /sys/fs/cgroup with the controllers memory and pids; in a container, "
        "writable";
    if (facts.cgroup_problem) {
        return {"cgroups", State::fail, *facts.cgroup_problem, fix};
    }
    const auto& all = facts.cgroup_controllers;
    const auto found = fmt::format("{}", fmt::join(all, ", "));
    if (std::find(all.begin(), all.end(), "memory") == all.end()) {
        return {
            "cgroups",
            State::warn,
            found + ": requests that limit memory, and instances ct.*, are refused",
            fix};
    }
    if (std::find(all.begin(), all.end(), "cpu quota") == all.end()) {
        return {
            "cgroups",
            State::warn,
            found + ": an instance ct.* may use more CPU time than its vCPUs",
            "mount the controller cpu, too"};
    }
    return {"cgroups", State::ok, found, ""};
}

Check kvm(const HostFacts& facts) {
    if (!facts.kvm_problem) {
        return {"kvm", State::ok, "a guest ran under KVM", ""};
    }
    return {
        "kvm",
        State::warn,
        *facts.kvm_problem +
            ": instances vm.* and boot tests run under emulation, ten times slower",
        "enable virtualisation in the firmware or, in a virtual machine, nested virtualisation"};
}

Check network(const HostFacts& facts) {
    if (!facts.network_problem) {
        return {"instance network", State::ok, "a namespace, a veth pair and rules were made", ""};
    }
    return {
        "instance network",
        State::warn,
        *facts.network_problem + ": no instance can be launched",
        "apt install iproute2 nftables; modprobe veth nf_tables; in a container, allow it to make "
        "network namespaces (--privileged)"};
}

Check program(const ProgramFact& fact) {
    if (fact.version) {
        return {fact.name, State::ok, *fact.version, ""};
    }
    return {
        fact.name,
        fact.required ? State::fail : State::warn,
        "not found; needed for " + fact.needed_for,
        "apt install " + fact.package};
}

Check fuse_export(const HostFacts& facts) {
    return facts.fuse_export
               ? Check{"fuse export", State::ok, "qemu-storage-daemon exports through FUSE", ""}
               : Check{
                     "fuse export",
                     State::fail,
                     "qemu-storage-daemon has no FUSE export",
                     "use a qemu-storage-daemon built with fuse, as Debian 12's is (apt install "
                     "qemu-system-common)"};
}

Check fusectl(const HostFacts& facts) {
    return facts.fusectl ? Check{"fusectl", State::ok, "/sys/fs/fuse/connections", ""}
                         : Check{
                               "fusectl",
                               State::fail,
                               "the FUSE control file system cannot be mounted",
                               "mount -t fusectl fusectl /sys/fs/fuse/connections"};
}

Check room(const HostFacts& facts) {
    if (facts.home_problem) {
        return {
            "home",
            State::fail,
            *facts.home_problem,
            "set KILN_HOME to a folder that can be written to"};
    }
    const auto found = fmt::format("{} free at {}", humanize(facts.free), facts.home);
    constexpr std::uint64_t kComfort = 16;
    if (facts.free < facts.least_free) {
        return {
            "disk space", State::fail, found, "free some: kiln gc --dry-run says what could go"};
    }
    if (facts.free < facts.least_free * kComfort) {
        return {"disk space", State::warn, found, "kiln gc --dry-run says what could go"};
    }
    return {"disk space", State::ok, found, ""};
}

Check store(const HostFacts& facts) {
    return facts.store_problem
               ? Check{"store", State::fail, *facts.store_problem,
                       "keep a copy of kiln.db and its -wal file for inspection, then restore a backup"}
               : Check{"store", State::ok, "whole", ""};
}

}  // namespace

std::vector<Check> judge(const HostFacts& facts) {
    std::vector<Check> checks{
        privileges(facts),
        device("fuse", facts.fuse_device, "/dev/fuse", "fuse"),
        device("loop devices", facts.loop_control, "/dev/loop-control", "loop"),
        jail(facts),
        cgroups(facts),
        network(facts),
        kvm(facts),
        fuse_export(facts),
        fusectl(facts),
        room(facts),
        store(facts),
    };
    for (const auto& one : facts.programs) {
        checks.push_back(program(one));
    }
    for (const auto& [layer, problem] : facts.bad_layers) {
        checks.push_back(
            {"layer " + layer,
             State::fail,
             problem,
             "images on it are lost; rebake or import them again"}
        );
    }
    if (facts.layers_checked && facts.bad_layers.empty()) {
        checks.push_back({"layers", State::ok, "qemu-img check found nothing", ""});
    }
    return checks;
}

json::object to_json(const std::vector<Check>& checks) {
    json::array list;
    bool ok = true;
    for (const auto& check : checks) {
        ok = ok && check.state != State::fail;
        const auto* word = check.state == State::ok     ? "ok"
                           : check.state == State::warn ? "warn"
                                                        : "fail";
        list.push_back(
            {{"check", check.name}, {"state", word}, {"found", check.found}, {"fix", check.fix}}
        );
    }
    return {{"ok", ok}, {"checks", std::move(list)}};
}

}  // namespace kiln::cli
