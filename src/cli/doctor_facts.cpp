#include "cli/doctor_facts.hpp"

#include "base/deadline.hpp"
#include "base/ids.hpp"
#include "images/accelerator.hpp"
#include "os/cgroup.hpp"
#include "os/cgroup_layout.hpp"
#include "os/files.hpp"
#include "os/interrupt.hpp"
#include "os/spawn.hpp"

#include <algorithm>
#include <dlfcn.h>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::cli {

namespace {

constexpr std::chrono::seconds kPatience{10};

bool opens(const char* path) {
    const os::Fd fd{::open(path, O_RDWR | O_CLOEXEC)};
    return static_cast<bool>(fd);
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// What a program says of itself, or nothing when it is not there.
std::optional<std::string> version_of(const ProgramFact& program, const std::stop_token& stop) {
    if (program.name == "libcurl") {
        for (const auto* name : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
            if (::dlopen(name, RTLD_LAZY | RTLD_LOCAL) != nullptr) {
                return name;
            }
        }
        return std::nullopt;
    }
    const auto path = os::find_program(program.name);
    if (!path) {
        return std::nullopt;
    }
    os::Command command;
    command.argv = {path->string()};
    command.argv.insert(command.argv.end(), program.ask.begin(), program.ask.end());
    try {
        const auto said = os::run_captured(std::move(command), Deadline::after(kPatience), stop);
        const auto line = first_line(said.out.empty() ? said.err : said.out);
        return line.empty() ? path->string() : line;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return path->string() + " (does not answer)";
    }
}

/// The namespaces that a bake's jail has, around `true` of this host.
std::optional<std::string> jail_problem(const std::stop_token& stop) {
    os::Command command;
    command.argv = {
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/run",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--die-with-parent",
        "--new-session",
        "true"};
    try {
        const auto result = os::run_captured(std::move(command), Deadline::after(kPatience), stop);
        if (result.status.ok()) {
            return std::nullopt;
        }
        return "bubblewrap cannot make a jail: " + first_line(result.err);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return error.message();
    }
}

/// What an instance's network is made from, in a namespace that ends with the attempt.
std::optional<std::string> network_problem(const std::stop_token& stop) {
    os::Command command;
    command.argv = {
        "unshare",
        "--net",
        "sh",
        "-c",
        "PATH=$PATH:/usr/sbin:/sbin; ip link add kln0 type veth peer name kln1 && "
        "nft 'add table inet kiln; add chain inet kiln out { type nat hook postrouting priority "
        "100; }; add rule inet kiln out ct state new masquerade'"};
    try {
        const auto result = os::run_captured(std::move(command), Deadline::after(kPatience), stop);
        if (result.status.ok()) {
            return std::nullopt;
        }
        return first_line(result.err);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return error.message();
    }
}

void look_at_cgroups(HostFacts& facts) {
    try {
        const auto mounts = os::read_file("/proc/self/mountinfo");
        const auto unified = os::unified_mount(mounts);
        std::string controllers;
        if (!unified.empty()) {
            controllers = os::read_file(unified / "cgroup.controllers");
        }
        for (const auto& seat : os::choose_seats(mounts, controllers)) {
            for (const auto& [has, name] :
                 {std::pair{seat.memory, "memory"},
                  {seat.pids, "pids"},
                  {seat.cpu, "cpu"},
                  {seat.quota, "cpu quota"},
                  {seat.io, "io"}}) {
                auto& known = facts.cgroup_controllers;
                if (has && std::find(known.begin(), known.end(), name) == known.end()) {
                    known.emplace_back(name);
                }
            }
        }
        constexpr std::uint64_t kSomeProcesses = 64;
        auto group =
            os::Cgroup::make("doctor-" + JobId::random().str(), {std::nullopt, kSomeProcesses});
        group.remove();
    } catch (const Error& error) {
        facts.cgroup_problem = error.message();
    }
}

std::optional<std::string> kvm_problem(const std::stop_token& stop) {
    if (::access("/dev/kvm", F_OK) != 0) {
        return "there is no /dev/kvm";
    }
    try {
        auto folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-doctor");
        const bool works = images::kvm_works(folder.path(), stop);
        folder.remove();
        return works ? std::nullopt
                     : std::optional<std::string>{"/dev/kvm is there but runs no guest"};
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return error.message();
    }
}

bool fuse_export(const std::stop_token& stop) {
    try {
        os::Command command;
        command.argv = {"qemu-storage-daemon", "--help"};
        const auto help = os::run_captured(std::move(command), Deadline::after(kPatience), stop);
        return help.out.find("type=]fuse") != std::string::npos;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) {
            throw;
        }
        return false;
    }
}

/// Mounted, or known to the kernel so that it can be.
bool fusectl() {
    try {
        return !std::filesystem::is_empty("/sys/fs/fuse/connections") ||
               os::read_file("/proc/filesystems").find("\tfusectl\n") != std::string::npos;
    } catch (const std::exception&) {
        return false;
    }
}

void look_at_room(HostFacts& facts, const std::filesystem::path& home) {
    // A home that is not there yet is made by the first command that needs it, below what is there.
    auto there = home;
    while (!std::filesystem::exists(there) && there.has_relative_path()) {
        there = there.parent_path();
    }
    if (::access(there.c_str(), W_OK | X_OK) != 0) {
        facts.home_problem =
            Error::from_errno(errno, "write to '" + there.string() + "'").message();
        return;
    }
    facts.free = os::free_space(there);
}

}  // namespace

HostFacts gather_host_facts(
    const std::filesystem::path& home, Bytes least_free, const std::stop_token& stop
) {
    HostFacts facts;
    facts.root = ::geteuid() == 0;
    facts.fuse_device = opens("/dev/fuse");
    facts.loop_control = opens("/dev/loop-control");
    facts.jail_problem = jail_problem(stop);
    look_at_cgroups(facts);
    facts.network_problem = network_problem(stop);
    facts.kvm_problem = kvm_problem(stop);
    facts.fuse_export = fuse_export(stop);
    facts.fusectl = fusectl();
    facts.home = home.string();
    facts.least_free = least_free;
    look_at_room(facts, home);
    facts.programs = known_programs();
    for (auto& program : facts.programs) {
        os::throw_if_stopped(stop, "looking at the host");
        program.version = version_of(program, stop);
    }
    return facts;
}

}  // namespace kiln::cli
