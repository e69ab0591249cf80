#include "os/cgroup.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/cgroup_files.hpp"
#include "os/cgroup_kill.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr std::string_view kParent = "kiln";
constexpr std::string_view kMountinfo = "/proc/self/mountinfo";

/// The host's hierarchies do not change while we run.
const std::vector<CgroupSeat>& hierarchies() {
    static const auto seats = [] {
        const auto mountinfo = read_file(kMountinfo);
        const auto unified = unified_mount(mountinfo);
        const auto controllers =
            unified.empty() ? "" : read_if_there(unified / "cgroup.controllers").value_or("");
        return choose_seats(mountinfo, controllers);
    }();
    return seats;
}

std::filesystem::path checked_name(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos || name[0] == '.') {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is no name for a control group", name)};
    }
    return std::filesystem::path{kParent} / name;
}

/// Lets the groups below `folder` have a controller. Written only when needed: it is slow.
/// @returns  0 or errno
int enable(const std::filesystem::path& folder, const std::string& controller) {
    const auto file = folder / "cgroup.subtree_control";
    const auto enabled = " " + read_file(file);
    if (enabled.find(" " + controller) != std::string::npos) {
        return 0;
    }
    const auto fd = open_file(file, O_WRONLY);
    const auto wanted = "+" + controller;
    const auto size = static_cast<ssize_t>(wanted.size());
    return ::write(fd.get(), wanted.data(), wanted.size()) == size ? 0 : errno;
}

/// Makes the shared parent group and lets the groups in it have their controllers.
/// @returns  what of `hierarchy` can be used
CgroupSeat prepare_unified(CgroupSeat hierarchy, const CgroupLimits& limits) {
    const auto parent = hierarchy.folder / kParent;
    const auto use = [&](const char* controller, bool& there, bool needed) {
        int why = there ? enable(hierarchy.folder, controller) : 0;
        if (there && why == 0) {
            why = enable(parent, controller);
        }
        there = there && why == 0;
        if (why == 0 || !needed) {
            return;
        }
        auto error = Error{
            ErrorKind::unavailable,
            fmt::format(
                "limit {}: the controller cannot be turned on in '{}': {}",
                controller,
                hierarchy.folder.native(),
                Error::from_errno(why, "write cgroup.subtree_control").message()
            )};
        // EBUSY: processes sit in the group itself, as in a container without delegation.
        throw why != EBUSY ? error
                           : Error{error}.hint(
                                 "systemd-run --scope -p Delegate=yes kiln …   (or run "
                                 "the container with --cgroupns=host)"
                             );
    };
    use("memory", hierarchy.memory, limits.memory.has_value());
    use("pids", hierarchy.pids, limits.processes.has_value());
    use("io", hierarchy.io, false);
    if (limits.cpus) {
        use("cpu", hierarchy.quota, false);
    }
    return hierarchy;
}

void make_parent(const std::filesystem::path& hierarchy) {
    const auto parent = hierarchy / kParent;
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) {
        throw_errno(fmt::format("make control group '{}'", parent.native()));
    }
}

void limit_memory(const CgroupSeat& seat, Bytes memory) {
    const auto bytes = std::to_string(memory.count);
    if (seat.unified) {
        write_kernel_file(seat.folder / "memory.max", bytes);
        write_if_there(seat.folder / "memory.swap.max", "0");
        write_if_there(seat.folder / "memory.oom.group", "1");
    } else {
        // In this order: the second may not be lower than the first. It exists where swap is
        // counted.
        write_kernel_file(seat.folder / "memory.limit_in_bytes", bytes);
        write_if_there(seat.folder / "memory.memsw.limit_in_bytes", bytes);
    }
}

void limit_cpus(const CgroupSeat& seat, unsigned cpus) {
    constexpr unsigned kPeriodMicroseconds = 100'000;  // the kernel's default
    const auto quota = std::to_string(std::uint64_t{cpus} * kPeriodMicroseconds);
    if (seat.unified) {
        write_if_there(seat.folder / "cpu.max", quota + " " + std::to_string(kPeriodMicroseconds));
        return;
    }
    try {
        write_if_there(seat.folder / "cpu.cfs_quota_us", quota);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {  // more than the group has that kiln is in
            throw;
        }
    }
}

/// What a process writes "0" to. A thread that moves itself by `tasks` takes no lock of the whole
/// host: 0.1 ms instead of 0.8.
const char* joining_file(const CgroupSeat& seat) {
    return seat.unified ? "cgroup.procs" : "tasks";
}

/// Of use to such a group?
bool wanted(const CgroupSeat& seat, const CgroupLimits& limits) {
    return seat.memory || seat.pids || seat.cpu || seat.io || limits.cpus.has_value();
}

constexpr std::chrono::seconds kRemovePatience{2};
constexpr std::chrono::seconds kKillPatience{5};

}  // namespace

Cgroup::Cgroup(Cgroup&& other) noexcept
    : name_{std::move(other.name_)},
      seats_{std::exchange(other.seats_, {})},
      procs_{std::exchange(other.procs_, {})},
      folder_{std::exchange(other.folder_, {})} {}

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(seats_, other.seats_);
    std::swap(procs_, other.procs_);
    std::swap(folder_, other.folder_);
    return *this;
}

Cgroup::~Cgroup() {
    try {
        kill_members(seats_, Deadline::after(kKillPatience));
        remove();
    } catch (const std::exception& error) {
        log_warning("cgroup.left_behind", {{"name", name_}, {"error", std::string{error.what()}}});
    }
}

void Cgroup::add(const CgroupSeat& hierarchy, const CgroupLimits& limits) {
    make_parent(hierarchy.folder);
    auto seat = hierarchy.unified ? prepare_unified(hierarchy, limits) : hierarchy;
    seat.folder = hierarchy.folder / checked_name(name_);
    if (::mkdir(seat.folder.c_str(), 0755) != 0) {
        throw_errno(fmt::format("make control group '{}'", seat.folder.native()));
    }
    seats_.push_back(seat);
    if (seat.memory && limits.memory) {
        limit_memory(seat, *limits.memory);
    }
    if (seat.pids && limits.processes) {
        write_kernel_file(seat.folder / "pids.max", std::to_string(*limits.processes));
    }
    if (seat.quota && limits.cpus) {
        limit_cpus(seat, *limits.cpus);
    }
    procs_.push_back(open_file(seat.folder / joining_file(seat), O_WRONLY));
    if (seat.unified) {
        folder_ = open_file(seat.folder, O_RDONLY | O_DIRECTORY);
    }
}

namespace {

/// @throws Error  unavailable: a limit has no controller among these
void require_controllers(const std::vector<CgroupSeat>& seats, const CgroupLimits& limits) {
    const auto require = [&](const char* what, bool wanted, bool CgroupSeat::*role) {
        const auto has = [&](const CgroupSeat& seat) { return seat.*role; };
        if (wanted && std::none_of(seats.begin(), seats.end(), has)) {
            throw Error{
                ErrorKind::unavailable,
                fmt::format("limit {}: this host has no control group controller for it", what)};
        }
    };
    require("memory", limits.memory.has_value(), &CgroupSeat::memory);
    require("processes", limits.processes.has_value(), &CgroupSeat::pids);
}

}  // namespace

Cgroup Cgroup::make(const std::string& name, const CgroupLimits& limits) {
    const auto path = checked_name(name);
    Cgroup group{name};
    std::optional<Error> refused;
    for (const auto& hierarchy : hierarchies()) {
        if (!wanted(hierarchy, limits)) {
            continue;
        }
        try {
            group.add(hierarchy, limits);
        } catch (const Error& error) {
            const bool needed =
                (hierarchy.memory && limits.memory) || (hierarchy.pids && limits.processes);
            if (needed || error.kind() != ErrorKind::denied) {
                throw;
            }
            refused = error;
        }
    }
    if (group.seats_.empty()) {
        throw Error{
            ErrorKind::denied,
            refused ? refused->message()
                    : fmt::format(
                          "make control group '{}': none is mounted on this host", path.native()
                      )}
            .hint("run kiln as root, with /sys/fs/cgroup mounted and writable");
    }
    require_controllers(group.seats_, limits);
    return group;
}

std::vector<int> Cgroup::procs() const {
    std::vector<int> fds;
    for (const auto& fd : procs_) {
        fds.push_back(fd.get());
    }
    return fds;
}

std::vector<int> Cgroup::members() const {
    return seats_.empty() ? std::vector<int>{} : members_of(seats_.front().folder);
}

void Cgroup::kill(Deadline deadline) const {
    kill_members(seats_, deadline);
}

void Cgroup::remove() {
    procs_.clear();
    folder_ = {};
    const auto deadline = Deadline::after(kRemovePatience);
    while (!seats_.empty()) {
        remove_group(seats_.back().folder, deadline);
        seats_.pop_back();
    }
}

void Cgroup::enter(const std::string& name) {
    const auto path = checked_name(name);
    for (const auto& seat : hierarchies()) {
        write_if_there(seat.folder / path / joining_file(seat), "0");
    }
}

void Cgroup::destroy(const std::string& name, Deadline deadline) {
    const auto path = checked_name(name);
    Cgroup group{name};
    for (auto seat : hierarchies()) {
        seat.folder /= path;
        if (std::filesystem::exists(seat.folder)) {
            group.seats_.push_back(seat);
        }
    }
    group.kill(deadline);
    group.remove();
}

}  // namespace kiln::os
