#pragma once

#include "bake/ready_volume.hpp"
#include "bake/request.hpp"
#include "inspect/tree_diff.hpp"
#include "ports/bake_store.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::bake {

/// The world of a bake.
struct World {
    ports::Cloud& cloud;
    ports::Ledger& ledger;
    ports::BakeStore& bakes;
    ports::CheckpointStore& checkpoints;
    ports::Clock& clock;
    std::filesystem::path run_folder;  ///< KILN_HOME/run; each job has a folder below it
    HolderId holder;
    std::filesystem::path log_folder;  ///< collected log files of bakes that name no destination
    /// Undoes everything that the ledger has of a job; returns when nothing is left.
    std::function<void(const JobId&)> undo_job;
    /// Does the process that this id belongs to still live?
    std::function<bool(const HolderId&)> holder_alive;
    /// Boots a throw-away copy of the snapshot and waits for the marker on its console ("" = the
    /// usual sign of a finished boot). @throws Error  when it does not appear by the deadline
    std::function<void(
        const JobId&, const SnapshotId&, const std::string& marker, const std::stop_token&, Deadline
    )>
        boot_test;
    /// A volume of the snapshot and size that stands ready, as the job's from now on; nullopt: none
    /// does, so one is made. Empty: nothing is kept ready.
    std::function<std::optional<ReadyVolume>(
        const JobId&, const SnapshotId&, const std::optional<Bytes>& size
    )>
        ready_volume;
    std::string account;  ///< owner of what is made
    std::string kiln_version;
};

/// Called for each event, in order, from the bake's thread.
using EventSink = std::function<void(const BakeId&, const ports::BakeEvent&)>;

class BakeRun;
using Inspect = std::function<void(BakeRun&)>;

/// Runs bakes, one call each; safe from several threads.
class Baker {
  public:
    explicit Baker(World world) : world_{std::move(world)} {}

    /// Runs the request to its end, or joins the running bake of the same key (its events are
    /// followed from the store), or returns the image that a bake of the same key made before.
    /// The outcome, failure included, is the record; an error is thrown for a request that is
    /// refused at the door (nothing was made, no record stays) and for `cancelled`.
    ports::BakeRecord run(
        const Request& request, const EventSink& sink, const std::stop_token& stop
    );

    /// Runs a bake's request again; its checkpoints make it go on at the command that failed.
    ports::BakeRecord retry(const BakeId& id, const EventSink& sink, const std::stop_token& stop);

    /// Opens an interactive shell in the jail, on a throw-away volume in the state before the
    /// command that failed (or at the end of a bake that succeeded). @returns the shell's exit code
    int shell(
        const BakeId& id, const std::vector<std::string>& command, const std::stop_token& stop
    );

    /// Asks the process that runs it to stop; returns when the record is finished.
    /// @throws Error  conflict: it is over already · not_found
    void cancel(const BakeId& id, const std::stop_token& stop);

    /// Hands over the events from `after` on as they come, until the final one, or to the newest.
    enum class Follow { no, yes };
    void replay(
        const BakeId& id,
        std::int64_t after,
        Follow follow,
        const EventSink& sink,
        const std::stop_token& stop
    );

    /// Bakes again from the recorded inputs, without checkpoints, and lists the files that differ
    /// (inspect::unreproducible_paths() left out); the second image is removed again.
    /// @throws Error  invalid: the image was not made by a bake
    std::vector<inspect::FileChange> verify(
        const ImageId& image, const EventSink& sink, const std::stop_token& stop
    );

  private:
    /// Runs a bake; with `inspect` that is called at the end, while the job still owns the image,
    /// which is then removed with all else.
    ports::BakeRecord execute(
        const Request& request,
        const EventSink& sink,
        const std::stop_token& stop,
        const Inspect& inspect
    );
    /// Inserts the record, or returns the outcome of the bake that stands for it.
    std::optional<ports::BakeRecord> begin_or_join(
        const ports::BakeRecord& wanted,
        const Request& request,
        const EventSink& sink,
        const std::stop_token& stop
    );
    /// Undoes what a dead process' bake owns and writes its end down.
    void end_orphan(const ports::BakeRecord& record);
    /// The image is there already: its bake's outcome.
    ports::BakeRecord answer_with(const ports::Image& image, const EventSink& sink);
    /// Hands over the IMAGE and END of a bake that is over.
    ports::BakeRecord replay_end(const BakeId& id, const EventSink& sink);

    World world_;
};

/// For the sweeper: the process that ran this bake is dead. A bake that is over, or that never was
/// accepted, stays as it is.
void mark_interrupted(ports::BakeStore& bakes, const ports::Clock& clock, const BakeId& id);

}  // namespace kiln::bake
