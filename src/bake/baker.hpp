#pragma once

#include "bake/ready_volume.hpp"
#include "bake/request.hpp"
#include "bake/submission.hpp"
#include "inspect/tree_diff.hpp"
#include "ports/bake_store.hpp"
#include "ports/checkpoint_store.hpp"
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
struct Resolved;
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

    /// Runs one attempt at a bake that waits in a queue, under its id; joins and answers as above,
    /// with the other bake's events told under its own id (ReplyNumbering). Every event is in the
    /// store; ACCEPTED is the first and has `attempt`.
    ///
    /// On return the outcome is durable: succeeded, failed or cancelled; or the attempt was given
    /// up and the record is `queued` again, without an END: `stop` was requested, what it had
    /// joined ended without an outcome, or an error that is retryable (its result has `error`).
    /// @throws Error  what refuses a request at the door, cancelled: `stop`; the record is as it
    ///                was · conflict: the record does not wait, see there
    ports::BakeRecord run(
        const Request& request, const Submission& submission, const std::stop_token& stop
    );

    /// Waits while a living process is at work on the bake, and undoes what a dead one left.
    /// @returns  the record: over, or waiting
    /// @throws Error  not_found · cancelled: `stop`
    ports::BakeRecord settle(const BakeId& id, const std::stop_token& stop);

    /// Runs a bake's request again; its checkpoints make it go on at the command that failed.
    ports::BakeRecord retry(const BakeId& id, const EventSink& sink, const std::stop_token& stop);

    /// Opens an interactive shell in the jail, on a throw-away volume in the state before the
    /// command that failed (or at the end of a bake that succeeded). @returns the shell's exit code
    int shell(
        const BakeId& id, const std::vector<std::string>& command, const std::stop_token& stop
    );

    /// Asks the process that runs it to stop; returns when the record is finished. One that waits
    /// is finished at once, and its message is dropped when its turn comes.
    /// @throws Error  conflict: it is over already · not_found
    void cancel(const BakeId& id, const std::stop_token& stop);

    /// The same without waiting for it: on return a bake that waited is finished, one that runs has
    /// been asked. @throws Error  conflict: it is over already · not_found
    void ask_to_end(const BakeId& id);

    /// Hands over the events after `after` as they come, until the final one, or to the newest.
    /// Those of a further attempt begin at sequence 1 again, with ACCEPTED.
    enum class Follow { no, yes };
    void replay(
        const BakeId& id,
        const ports::EventPlace& after,
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

    /// How far events are followed.
    enum class Until { newest, nobody_works, over };

  private:
    using PageSink = std::function<void(const std::vector<ports::BakeEvent>&)>;

    /// Runs a bake; with `inspect` that is called at the end, while the job still owns the image,
    /// which is then removed with all else.
    /// @param submission  nullptr: it came through no queue
    ports::BakeRecord execute(
        const Request& request,
        const Submission* submission,
        const EventSink& sink,
        const std::stop_token& stop,
        const Inspect& inspect
    );
    /// The outcome of the bake or image that stands for the request, or nothing: it is begun.
    std::optional<ports::BakeRecord> begin_or_join(
        const ports::BakeRecord& wanted,
        const Request& request,
        const Resolved& resolved,
        const EventSink& sink,
        const std::stop_token& stop
    );
    /// The same for a bake that waits, under its own id.
    std::optional<ports::BakeRecord> begin_or_tell(
        const ports::BakeRecord& wanted,
        const Request& request,
        const Resolved& resolved,
        const Submission& submission,
        const std::stop_token& stop
    );
    /// The record as one that is the same as `other`, begun.
    ports::BakeRecord begin_same(ports::BakeRecord own, const BakeId& other);
    ports::BakeRecord tell_image(
        const ports::BakeRecord& wanted,
        const ports::Image& image,
        json::object accepted,
        const Submission& submission
    );
    ports::BakeRecord tell_bake(
        const ports::BakeRecord& wanted,
        const ports::BakeRecord& other,
        json::object accepted,
        const Submission& submission,
        const std::stop_token& stop
    );
    /// Undoes what a dead process' bake owns and writes its end down.
    void end_orphan(const ports::BakeRecord& record);
    /// The image is there already: its bake's outcome.
    ports::BakeRecord answer_with(const ports::Image& image, const EventSink& sink);
    /// Hands over the IMAGE and END of a bake that is over.
    ports::BakeRecord replay_end(const BakeId& id, const EventSink& sink);
    /// @returns  the record when `until` was reached and all its events were handed over
    ports::BakeRecord follow_pages(
        const BakeId& id,
        ports::EventPlace after,
        Until until,
        const PageSink& sink,
        const std::stop_token& stop
    );
    void cancel_waiting(const ports::BakeRecord& record);
    void cancel_running(const ports::BakeRecord& record);

    World world_;
};

}  // namespace kiln::bake
