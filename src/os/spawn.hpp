#pragma once

#include "base/deadline.hpp"
#include "os/fd.hpp"
#include "os/interrupt.hpp"
#include "os/lines.hpp"
#include "os/process.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::os {

/// A descriptor the child gets under a fixed number.
struct PassedFd {
    int from;  ///< in this process
    int to;    ///< in the child, 0 to 9
};

/// What to run. An argument vector, never a shell line.
struct Command {
    std::vector<std::string> argv;  ///< argv[0] is looked up in PATH
    std::vector<PassedFd> fds;      ///< 0, 1, 2 not named here are /dev/null
    std::vector<std::pair<std::string, std::string>>
        environment;  ///< added to, or instead of, ours
    bool clear_environment = false;
    std::filesystem::path directory;  ///< "" = ours
    std::vector<int> cgroup_procs;  ///< `Cgroup::procs()`: groups that the child joins before exec
    /// `Cgroup::folder()`: the child is born in this group of version 2, whose own file is the
    /// first of `cgroup_procs`: that one is written to only where the kernel cannot do so.
    int cgroup_folder = -1;
    int mount_namespace = -1;     ///< one that the child enters: `server_mounts()`
    bool die_with_parent = true;  ///< SIGKILL when the thread that spawned it ends
    bool new_process_group = true;
};

/// How a child ended.
struct ExitStatus {
    int code = 0;    ///< exit code, when `signal` is 0
    int signal = 0;  ///< the signal that killed it

    [[nodiscard]] bool ok() const noexcept { return code == 0 && signal == 0; }

    /// "exit 3" or "signal 9 (SIGKILL)".
    [[nodiscard]] std::string describe() const;
};

/// A child process, held by a pidfd. Killed (SIGKILL, whole process group) and reaped at the end.
class Child {
  public:
    Child() = default;
    Child(Child&&) noexcept;
    Child& operator=(Child&&) noexcept;
    ~Child();

    /// Starts `command`. The calling thread must outlive the child when `die_with_parent` is set.
    /// @throws Error  not_found: no such program (the hint names it) · exhausted: no process or
    /// memory
    static Child spawn(const Command& command);

    [[nodiscard]] int pid() const noexcept { return pid_; }

    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }

    [[nodiscard]] bool running() const noexcept { return pid_ > 0; }

    /// Waits for its end and reaps it; nullopt when the deadline passes first.
    std::optional<ExitStatus> wait(Deadline deadline);
    /// To its whole process group where it has one of its own. One that has ended is not an error.
    void signal(int number) noexcept;

  private:
    Child(int pid, Fd pidfd, bool group) : pid_{pid}, pidfd_{std::move(pidfd)}, group_{group} {}

    void end() noexcept;

    int pid_ = -1;
    Fd pidfd_;
    bool group_ = false;  ///< it leads a process group of its own
};

/// What a finished helper program printed.
struct Captured {
    ExitStatus status;
    std::string out;  ///< stdout, at most 16 MiB
    std::string err;  ///< stderr, at most 1 MiB, the end is kept
};

/// Runs a program to its end and keeps its output. It is killed when stop is requested or the
/// deadline passes. Its messages are in English (LC_ALL=C.UTF-8 unless `command` sets it).
/// What it leaves running may keep its stdout open; that is not waited for.
/// @throws Error  cancelled · timed_out · not_found: no such program · internal: more output than
/// fits
[[nodiscard]] Captured run_captured(
    Command command,
    Deadline deadline = Deadline::after(std::chrono::minutes{10}),
    const std::stop_token& stop = {},
    std::string_view input = {}
);

/// The same, and a failure is an error that names the program and the end of its stderr.
/// @returns  its stdout
/// @throws Error  internal: it failed · exhausted: it failed for want of disk space
std::string run_checked(
    Command command,
    Deadline deadline = Deadline::after(std::chrono::minutes{10}),
    const std::stop_token& stop = {},
    std::string_view input = {}
);

/// The full path of a program in PATH or the system's sbin folders, or nullopt. A name with a slash
/// in it is taken as it is.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace kiln::os
