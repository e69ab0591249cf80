#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "base/json.hpp"
#include "os/cgroup.hpp"
#include "os/spawn.hpp"

namespace kiln::jail {

enum class Network { host, none };

/// What one command of a bootstrap runs in. A value: validated, shown by `--explain`, tested without
/// root, and turned into bubblewrap's arguments by one pure function (jail_arguments).
struct JailPlan {
    std::filesystem::path root;       ///< the mounted volume, becomes `/`
    std::string directory = "/";      ///< working directory inside
    std::vector<std::string> command; ///< argument vector inside
    std::vector<std::pair<std::string, std::string>> environment;
    Network network = Network::host;
    std::string hostname = "kiln";
    bool terminal = false;  ///< an interactive shell: keeps our terminal

    struct Bind {
        std::filesystem::path host;
        std::string inside;
        bool writable = false;
    };
    std::vector<Bind> binds;
};

/// bubblewrap's argument vector for the plan, "bwrap" first. Pure.
/// @param seccomp_fd  the number under which the child gets the filter program
/// @throws Error  invalid: a path that is not absolute, a NUL, an empty command
[[nodiscard]] std::vector<std::string> jail_arguments(const JailPlan& plan, int seccomp_fd);

/// The plan for people and tests: each operation with its reason.
[[nodiscard]] json::object explain(const JailPlan& plan);

struct Limits {
    std::optional<Bytes> memory;
    std::uint64_t processes = 4096;
    std::optional<std::chrono::seconds> time;  ///< for this command
    std::chrono::seconds idle{900};            ///< neither output, CPU time nor I/O for so long: hung
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

/// Runs the plan to its end in `cgroup`. Every process it started is dead on return.
/// `sink` is called from this thread, line by line, while it runs.
/// @throws Error  cancelled: `stop` · timed_out: `deadline` · unavailable: the jail could not be set up
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
class GuestVisitors {
  public:
    GuestVisitors(const std::filesystem::path& root, Network network);
    GuestVisitors(GuestVisitors&&) = delete;
    ~GuestVisitors();
    void revert();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kiln::jail
