#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/json.hpp"
#include "os/cgroup.hpp"
#include "os/spawn.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace kiln::jail {

enum class Network { host, none };

/// What one command of a bootstrap runs in. A value: validated, shown by `--explain`, tested
/// without root, and turned into bubblewrap's arguments by one pure function (jail_arguments).
struct JailPlan {
    std::filesystem::path root;        ///< the mounted volume, becomes `/`
    std::string directory = "/";       ///< working directory inside
    std::vector<std::string> command;  ///< argument vector inside
    std::vector<std::pair<std::string, std::string>> environment;
    Network network = Network::host;
    /// Packages write it into what they configure, and sudo looks it up: so a name that every image
    /// knows.
    std::string hostname = "localhost";
    bool terminal = false;  ///< an interactive shell: keeps our terminal

    struct Bind {
        std::filesystem::path host;
        std::string inside;
        bool writable = false;
    };

    std::vector<Bind> binds;

    /// A small file on the jail's own `/run` or `/tmp`: gone with the command.
    struct File {
        std::string inside;
        std::string bytes;
        unsigned mode = 0644;

        bool operator==(const File&) const = default;
    };

    std::vector<File> files;  ///< at most kMostFiles
};

inline constexpr std::size_t kMostFiles = 4;

/// What run_jail prepares on the host for one run: the numbers under which bubblewrap finds its
/// descriptors, and which of the kernel's telling files this host has.
struct JailSupport {
    int seccomp_fd = 3;                     ///< the system call filter
    int status_fd = 4;                      ///< bubblewrap writes there how far it came
    int first_file_fd = 5;                  ///< `plan.files[i]` is read from `first_file_fd + i`
    std::vector<std::string> hidden_files;  ///< below /proc; each exists
};

/// bubblewrap's argument vector for the plan, "bwrap" first, then its options, "--", the command.
/// Pure. The options hold the environment, secrets included: they are to be handed over through a
/// descriptor (`--args`), never through a process list.
/// @throws Error  invalid: a path that is not absolute or holds "..", a NUL, an empty command, a
///                variable's name with "=", too many files
[[nodiscard]] std::vector<std::string> jail_arguments(
    const JailPlan& plan, const JailSupport& support
);

/// The plan for people and tests: each operation with its reason. Values of the plan's own
/// environment are left out, since they may be secrets. @throws Error  as jail_arguments
[[nodiscard]] json::object explain(const JailPlan& plan);

struct Limits {
    std::optional<Bytes> memory;
    std::uint64_t processes = 4096;
    std::optional<std::chrono::seconds> time;  ///< for this command
    std::chrono::seconds idle{900};  ///< neither output, CPU time nor I/O for so long: hung
};

enum class Stream { out, err };

/// How the command ended, and why.
struct Outcome {
    enum class Cause { exited, killed, timed_out, hung, out_of_memory };
    Cause cause = Cause::exited;
    os::ExitStatus status;
    os::CgroupUsage usage;
    std::string detail;  ///< for hung: what it last did; for out_of_memory: the limit

    [[nodiscard]] bool ok() const noexcept { return cause == Cause::exited && status.ok(); }
};

using LineSink = std::function<void(Stream, const os::Line&)>;

/// Runs the plan to its end in `cgroup`, which holds nothing else: every process in it is dead on
/// return. `sink` is called from this thread, line by line, while it runs; a line beyond 64 KiB
/// comes in parts. With `plan.terminal` there are no lines and no hang detection. The volume must
/// be idle: whoever changes it meanwhile could lead bubblewrap astray by links.
/// @throws Error  cancelled: `stop` · timed_out: `deadline`, or a process that sits in the kernel ·
///                unavailable: the jail could not be set up · invalid: the plan, or an image whose
///                /proc, /dev, /run or /tmp is no folder · not_found: no bubblewrap
Outcome run_jail(
    const JailPlan& plan,
    const Limits& limits,
    const os::Cgroup& cgroup,
    const LineSink& sink,
    const std::stop_token& stop,
    Deadline deadline
);

/// Files that stand in the guest only while a command runs: the host's resolver, `policy-rc.d` that
/// keeps services from starting. Put in place by the constructor, taken out by `revert()` and the
/// destructor, so that no trace stays; what the command itself changed meanwhile is left as it is.
/// They are real files, no mounts: package tools replace them by renaming, which a mount forbids.
class GuestVisitors {
  public:
    GuestVisitors(const std::filesystem::path& root, Network network);
    GuestVisitors(GuestVisitors&&) = delete;
    ~GuestVisitors();

    /// What belongs on the jail's own /run instead, for `JailPlan::files`: a `systemctl` that
    /// starts nothing (where the image has one), and the resolver when /etc/resolv.conf is a link
    /// into /run.
    [[nodiscard]] const std::vector<JailPlan::File>& files() const noexcept;

    /// @throws Error by errno. A second call does nothing.
    void revert();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kiln::jail
