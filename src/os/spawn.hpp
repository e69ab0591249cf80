#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "os/fd.hpp"
#include "os/interrupt.hpp"

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
    std::vector<std::pair<std::string, std::string>> environment;  ///< added to, or instead of, ours
    bool clear_environment = false;
    std::filesystem::path directory;  ///< "" = ours
    std::vector<int> cgroup_procs;    ///< open cgroup.procs files that the child joins before exec
    bool die_with_parent = true;      ///< SIGKILL when the thread that spawned it ends
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
    /// @throws Error  not_found: no such program (the hint names it) · exhausted: no process or memory
    static Child spawn(const Command& command);

    [[nodiscard]] int pid() const noexcept { return pid_; }
    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
    [[nodiscard]] bool running() const noexcept { return pid_ > 0; }

    /// Waits for its end and reaps it; nullopt when the deadline passes first.
    std::optional<ExitStatus> wait(Deadline deadline);
    void signal(int number) noexcept;

  private:
    int pid_ = -1;
    Fd pidfd_;
    bool group_ = false;
};

/// Reads what a child writes, as lines.
///
/// A line longer than `longest` is handed over in parts: `more` is true for all but the last part.
/// Bytes are passed as they are; what is not UTF-8 is the receiver's concern.
struct Line {
    std::string_view text;  ///< without the line break
    bool more = false;
};

class LineSplitter {
  public:
    using Sink = std::function<void(const Line&)>;
    LineSplitter(std::size_t longest, Sink sink);
    void feed(std::string_view bytes);
    /// The stream ended: hands over a last line that has no break.
    void finish();

  private:
    std::size_t longest_;
    Sink sink_;
    std::string pending_;
    bool continued_ = false;  ///< a part of the current line was handed over
};

/// What a finished helper program printed.
struct Captured {
    ExitStatus status;
    std::string out;  ///< stdout, at most 16 MiB
    std::string err;  ///< stderr, at most 1 MiB, the end is kept
};

/// Runs a program to its end and keeps its output. It is killed when stop is requested or the
/// deadline passes.
/// @throws Error  cancelled · timed_out · not_found: no such program
[[nodiscard]] Captured run_captured(
    Command command,
    Deadline deadline = Deadline::after(std::chrono::minutes{10}),
    const std::stop_token& stop = {},
    std::string_view input = {}
);

/// The same, and a failure is an error that names the program and the end of its stderr.
/// @throws Error  internal: it failed
std::string run_checked(
    Command command,
    Deadline deadline = Deadline::after(std::chrono::minutes{10}),
    const std::stop_token& stop = {},
    std::string_view input = {}
);

/// The full path of a program in PATH, or nullopt.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name);

/// A process that may have ended and whose number may have been given to another since:
/// its start time (field 22 of /proc/PID/stat) tells them apart.
struct ProcessRef {
    int pid = 0;
    std::uint64_t start_time = 0;
};

[[nodiscard]] std::optional<ProcessRef> process_ref(int pid);
/// Kills exactly that process and waits until it is gone; one already gone is success.
void kill_process(const ProcessRef& ref, Deadline deadline);

}  // namespace kiln::os
