#include "os/cgroup.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::os {

namespace {

constexpr std::string_view kParent = "kiln";
constexpr std::string_view kMountinfo = "/proc/self/mountinfo";

std::optional<std::string> read_if_there(const std::filesystem::path& path) {
    try {
        return read_file(path);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

std::uint64_t number_in(const std::filesystem::path& path) {
    const auto text = read_if_there(path).value_or("");
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void write_if_there(const std::filesystem::path& path, std::string_view text) {
    try {
        write_kernel_file(path, text);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
}

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

std::vector<int> members_of(const std::filesystem::path& folder) {
    std::vector<int> members;
    const auto text = read_if_there(folder / "cgroup.procs").value_or("");
    for (const char* at = text.data(); at < text.data() + text.size();) {
        int pid = 0;
        const auto [end, error] = std::from_chars(at, text.data() + text.size(), pid);
        if (error == std::errc{} && pid > 0) {
            members.push_back(pid);  // 0: a process of another PID namespace
        }
        at = end + 1;
    }
    return members;
}

[[noreturn]] void throw_not_dying(const std::filesystem::path& folder) {
    throw Error{
        ErrorKind::timed_out,
        fmt::format(
            "end the processes of '{}': one does not end; it waits in the kernel", folder.native()
        )};
}

/// Version 2: the kernel kills all at once and tells when none is left.
void kill_unified(const std::filesystem::path& folder, Deadline deadline) {
    write_kernel_file(folder / "cgroup.kill", "1");
    const auto events = open_file(folder / "cgroup.events", O_RDONLY);
    while (true) {
        if (::lseek(events.get(), 0, SEEK_SET) != 0) {
            throw_errno(fmt::format("read '{}'", (folder / "cgroup.events").native()));
        }
        if (keyed_number(read_all(events), "populated") == 0) {
            return;
        }
        if (wait_ready(events.get(), POLLPRI, nullptr, deadline) == Ready::timed_out) {
            throw_not_dying(folder);
        }
    }
}

/// No fork succeeds in the group while this object lives, so that killing one by one comes to an
/// end.
class ForksHeld {
  public:
    explicit ForksHeld(const std::filesystem::path& folder) : file_{folder / "pids.max"} {
        before_ = read_if_there(file_).value_or("");
        if (!before_.empty()) {
            write_kernel_file(file_, "0");
        }
    }

    ForksHeld(const ForksHeld&) = delete;
    ForksHeld& operator=(const ForksHeld&) = delete;

    ~ForksHeld() {
        try {
            if (!before_.empty()) {
                write_kernel_file(file_, before_);
            }
        } catch (const std::exception& error) {
            log_warning(
                "cgroup.forks_stay_held",
                {{"file", file_.native()}, {"error", std::string{error.what()}}}
            );
        }
    }

  private:
    std::filesystem::path file_;
    std::string before_;
};

/// Version 1, and version 2 before Linux 5.14.
void kill_one_by_one(const CgroupSeat& seat, Deadline deadline) {
    const ForksHeld held{seat.folder};
    for (unsigned attempt = 0;; ++attempt) {
        const auto members = members_of(seat.folder);
        if (members.empty()) {
            return;
        }
        for (const int pid : members) {
            ::kill(pid, SIGKILL);
        }
        if (!pause_before_retry(attempt, deadline)) {
            throw_not_dying(seat.folder);
        }
    }
}

/// The group's seat by which it is killed: with cgroup.kill, else where forks can be held.
const CgroupSeat& killing_seat(const std::vector<CgroupSeat>& seats) {
    const auto pids =
        std::find_if(seats.begin(), seats.end(), [](const auto& seat) { return seat.pids; });
    const bool whole =
        seats.front().unified && std::filesystem::exists(seats.front().folder / "cgroup.kill");
    return whole || pids == seats.end() ? seats.front() : *pids;
}

void kill_members(const std::vector<CgroupSeat>& seats, Deadline deadline) {
    if (seats.empty()) {
        return;
    }
    const auto& seat = killing_seat(seats);
    if (seat.unified && std::filesystem::exists(seat.folder / "cgroup.kill")) {
        kill_unified(seat.folder, deadline);
    } else {
        kill_one_by_one(seat, deadline);
    }
}

/// A group is busy for a moment after its last member has gone.
void remove_group(const std::filesystem::path& folder, Deadline deadline) {
    for (unsigned attempt = 0; ::rmdir(folder.c_str()) != 0; ++attempt) {
        const int why = errno;
        if (why == ENOENT) {
            return;
        }
        const bool soon_free = why == EBUSY && members_of(folder).empty();
        if (!soon_free || !pause_before_retry(attempt, deadline)) {
            throw Error::from_errno(why, fmt::format("remove control group '{}'", folder.native()));
        }
    }
}

constexpr std::chrono::seconds kRemovePatience{2};
constexpr std::chrono::seconds kKillPatience{5};

}  // namespace

Cgroup::Cgroup(Cgroup&& other) noexcept
    : name_{std::move(other.name_)},
      seats_{std::exchange(other.seats_, {})},
      procs_{std::exchange(other.procs_, {})} {}

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(seats_, other.seats_);
    std::swap(procs_, other.procs_);
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
    procs_.push_back(open_file(seat.folder / "cgroup.procs", O_WRONLY));
}

Cgroup Cgroup::make(const std::string& name, const CgroupLimits& limits) {
    const auto path = checked_name(name);
    Cgroup group{name};
    std::optional<Error> refused;
    for (const auto& hierarchy : hierarchies()) {
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
    const auto has = [&](bool CgroupSeat::*role) {
        return std::any_of(group.seats_.begin(), group.seats_.end(), [&](const auto& s) {
            return s.*role;
        });
    };
    if ((limits.memory && !has(&CgroupSeat::memory)) ||
        (limits.processes && !has(&CgroupSeat::pids))) {
        throw Error{
            ErrorKind::unavailable,
            fmt::format(
                "limit {}: this host has no control group controller for it",
                limits.memory && !has(&CgroupSeat::memory) ? "memory" : "processes"
            )};
    }
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

namespace {

void add_unified_usage(const CgroupSeat& seat, CgroupUsage& usage) {
    const auto& folder = seat.folder;
    usage.cpu = std::chrono::microseconds{
        keyed_number(read_if_there(folder / "cpu.stat").value_or(""), "usage_usec")};
    if (seat.io) {
        const auto io = read_if_there(folder / "io.stat").value_or("");
        usage.read = {sum_of(io, "rbytes")};
        usage.written = {sum_of(io, "wbytes")};
    }
    if (seat.memory) {
        usage.memory_kills =
            keyed_number(read_if_there(folder / "memory.events").value_or(""), "oom_kill");
        usage.memory_peak_bytes = number_in(folder / "memory.peak");  // since Linux 5.19
    }
}

/// Lines "8:0 Read 4096"; the sum over all devices.
std::uint64_t blkio_sum(std::string_view text, std::string_view operation) {
    std::uint64_t sum = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        const auto space = line.find(' ');
        sum +=
            space == std::string_view::npos ? 0 : keyed_number(line.substr(space + 1), operation);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sum;
}

void add_v1_usage(const CgroupSeat& seat, CgroupUsage& usage) {
    const auto& folder = seat.folder;
    if (seat.cpu) {
        usage.cpu = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{
            number_in(folder / "cpuacct.usage")});
    }
    if (seat.io) {
        const auto io = read_if_there(folder / "blkio.throttle.io_service_bytes").value_or("");
        usage.read = {blkio_sum(io, "Read")};
        usage.written = {blkio_sum(io, "Write")};
    }
    if (seat.memory) {
        usage.memory_kills =
            keyed_number(read_if_there(folder / "memory.oom_control").value_or(""), "oom_kill");
        usage.memory_peak_bytes = number_in(folder / "memory.max_usage_in_bytes");
    }
}

}  // namespace

CgroupUsage Cgroup::usage() const {
    CgroupUsage usage;
    for (const auto& seat : seats_) {
        if (seat.unified) {
            add_unified_usage(seat, usage);
        } else {
            add_v1_usage(seat, usage);
        }
    }
    return usage;
}

void Cgroup::kill(Deadline deadline) const {
    kill_members(seats_, deadline);
}

void Cgroup::remove() {
    procs_.clear();
    const auto deadline = Deadline::after(kRemovePatience);
    while (!seats_.empty()) {
        remove_group(seats_.back().folder, deadline);
        seats_.pop_back();
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
