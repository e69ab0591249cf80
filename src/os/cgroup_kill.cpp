#include "os/cgroup_kill.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "os/cgroup_files.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace kiln::os {

using namespace std::chrono_literals;

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

namespace {

[[noreturn]] void throw_not_dying(const std::filesystem::path& folder) {
    throw Error{
        ErrorKind::timed_out,
        fmt::format(
            "end the processes of '{}': one does not end; it waits in the kernel", folder.native()
        )};
}

/// Version 2: the kernel kills all at once and tells when none is left.
void kill_unified(const std::filesystem::path& folder, Deadline deadline) {
    const auto events = open_file(folder / "cgroup.events", O_RDONLY);
    for (unsigned attempt = 0;; ++attempt) {
        if (::lseek(events.get(), 0, SEEK_SET) != 0) {
            throw_errno(fmt::format("read '{}'", (folder / "cgroup.events").native()));
        }
        if (keyed_number(read_all(events), "populated") == 0) {
            return;
        }
        if (attempt == 0) {
            write_kernel_file(folder / "cgroup.kill", "1");
            continue;
        }
        if (deadline.passed()) {
            throw_not_dying(folder);
        }
        // The kernel tells of a change at most every 10 ms; most groups are empty sooner.
        const auto soon = backoff(attempt, 1ms, 10ms, random_jitter());
        (void)wait_ready(
            events.get(), POLLPRI, nullptr, Deadline::earlier(deadline, Deadline::after(soon))
        );
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

}  // namespace

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

}  // namespace kiln::os
