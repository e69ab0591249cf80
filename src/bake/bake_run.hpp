#pragma once

#include "bake/baker.hpp"
#include "bake/recorder.hpp"
#include "disk/root_disk.hpp"
#include "os/cgroup.hpp"
#include "os/files.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::bake {

/// What is known of a request before anything is made: its parent, its bootstrap, its keys.
struct Resolved {
    ports::Image parent;
    std::filesystem::path bootstrap;  ///< the folder with its files; "" when there is none
    std::string content;              ///< hash of them
    std::string key;
    std::vector<std::string> checkpoint_keys;
};

/// How one command of the bootstrap went; part of the result.
struct CommandRecord {
    std::string run;
    Duration took{0};
    bool reused = false;  ///< taken from a checkpoint, not run
    bool checkpointed = false;
};

struct StepTime {
    std::string name;
    Duration took{0};
};

/// A step failed: what the ERROR event and the record say of it.
struct StepFailure {
    std::string step;
    Error error;
    std::optional<std::string> exit_status;  ///< of the command, where one failed
    std::optional<std::string> command;
};

/// One bake under way: what the steps read and what they make. Members are in the order in which
/// they come to be; destruction lets go of them in reverse.
class BakeRun {
  public:
    World& world;
    const Request& request;
    const Resolved& resolved;
    BakeId id;
    JobId job;
    std::filesystem::path folder;  ///< run/JOB, of this bake alone
    Recorder& recorder;
    std::stop_token stop;
    Deadline deadline;
    const Submission* submission = nullptr;  ///< none: `kiln bake`
    std::stop_token cancelled = {};          ///< a user's wish, unlike `stop`, which has it, too

    std::string step = {};  ///< the step under way
    std::vector<StepTime> time_line = {};
    std::vector<CommandRecord> commands = {};
    std::size_t resume_at = 0;  ///< commands that a checkpoint holds already

    std::string_view volume_from = {};  ///< "hot", "hit", "miss", "checkpoint"; "" not known yet
    std::optional<ports::Volume> volume = {};
    std::unique_ptr<ports::AttachedVolume> attached = {};
    std::optional<disk::MountedRoot> root = {};
    os::Cgroup cgroup = {};
    std::optional<ports::Snapshot> snapshot = {};
    std::optional<ports::Image> image = {};

    /// Set by a command that failed, for the record.
    std::optional<std::string> exit_status = {};
    std::optional<std::string> failed_command = {};

    /// Runs all steps in order. @throws Error  what stopped it; `step` names where
    void run_steps();

    /// Lets go of mount and device after a failure, keeping the volume.
    void let_go() noexcept;

    /// Removes the volume now; what cannot be removed is left to the ledger.
    void drop_volume() noexcept;

    /// Is this no outcome, so that the bake waits in its queue again? It came through one, and was
    /// stopped but not by a user, or lacked what may be there next time.
    [[nodiscard]] bool may_wait_again(const Error& error) const noexcept;

    /// The storage under the volume may be why something else failed: that error says more.
    [[nodiscard]] Error cause_of(const Error& error) noexcept;
};

/// Where the bootstrap lies inside the image while it runs.
inline constexpr std::string_view kBootstrapFolder = "/.kiln-bootstrap";

/// The environment and directory of a command: the same in a bake and in `kiln bake shell`.
[[nodiscard]] jail::JailPlan jail_plan(
    const Request& request, const std::filesystem::path& root, std::vector<std::string> command
);

}  // namespace kiln::bake
