#include "bake/baker.hpp"

#include "bake/bake_run.hpp"
#include "bake/door.hpp"
#include "bake/follow.hpp"
#include "bake/logs.hpp"
#include "bake/result.hpp"
#include "base/fault.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

using ports::BakeState;

/// What the job made is undone when this goes out of scope, unless the bake let it stay.
class JobUndo {
  public:
    JobUndo(World& world, JobId job) : world_{world}, job_{std::move(job)} {}

    JobUndo(JobUndo&&) = delete;

    ~JobUndo() {
        if (done_) {
            return;
        }
        try {
            world_.undo_job(job_);
        } catch (const std::exception& error) {
            log_warning(
                "clean-up is left to the next `kiln gc`",
                {{"job", job_.str()}, {"error", error.what()}}
            );
        }
    }

    /// Undoes now. @throws Error  what could not be undone stays in the ledger
    void now() {
        done_ = true;
        world_.undo_job(job_);
    }

  private:
    World& world_;
    JobId job_;
    bool done_ = false;
};

ports::BakeRecord new_record(
    World& world,
    const Request& request,
    const Resolved& resolved,
    const Attempt& attempt,
    const JobId& job
) {
    ports::BakeRecord record;
    record.id = attempt.bake;
    record.attempt = attempt.number;
    record.key = resolved.key;
    record.name = request.name;
    record.holder = world.holder;
    record.job = job;
    record.parent = resolved.parent.id;
    record.request = to_json(request);
    record.created = world.clock.now();
    return record;
}

BakeState state_after(const BakeRun& run, const Error& error) {
    if (run.may_wait_again(error)) {
        return BakeState::queued;
    }
    return error.kind() == ErrorKind::cancelled ? BakeState::cancelled : BakeState::failed;
}

/// The volume stays for the user to look at: the job no longer owns it or the files under it.
void keep_volume(BakeRun& run) {
    if (run.volume->tags.contains("kiln:cache")) {
        // Without it nobody takes this one for one that the cache has forgotten.
        run.world.cloud.tags.unset(run.volume->id.str(), {"kiln:cache"});
    }
    std::vector<ports::Resource> kept;
    for (const auto& entry : run.world.ledger.entries()) {
        if (entry.job == run.job && (entry.resource.kind == ports::ResourceKind::volume ||
                                     entry.resource.kind == ports::ResourceKind::layer)) {
            kept.push_back(entry.resource);
        }
    }
    run.world.ledger.release(run.job, kept);
}

/// Lets go of everything and writes down how it failed, or that the attempt did.
void conclude_failure(BakeRun& run, JobUndo& undo, const StepFailure& failure) {
    const auto state = state_after(run, failure.error);
    run.let_go();
    if (run.request.keep_on_failure && run.volume && state != BakeState::queued) {
        keep_volume(run);
    } else {
        run.drop_volume();  // before the record's end is written: the disk may be full
    }
    auto result = result_json(run, failure);
    result["state"] = ports::to_string(state);
    run.recorder.close(
        {state, std::nullopt, std::move(result), run.world.clock.now()},
        std::nullopt,
        error_json(run, failure)
    );
    undo.now();
    if (failure.error.kind() == ErrorKind::cancelled && run.submission == nullptr) {
        throw failure.error;
    }
}

/// Runs the steps of an accepted bake and writes down how it ended.
ports::BakeRecord perform(BakeRun& run, JobUndo& undo, const Inspect& inspect) {
    auto& world = run.world;
    std::optional<StepFailure> failure;
    try {
        fault_point("after:check");
        run.run_steps();
        if (inspect) {
            inspect(run);
        }
    } catch (const Error& error) {
        failure = StepFailure{run.step, run.cause_of(error), run.exit_status, run.failed_command};
        collect_logs_after_failure(run);
    }
    ports::BakeStore::Ending ending;
    if (!failure && inspect) {
        ending = {
            BakeState::succeeded, std::nullopt, result_json(run, std::nullopt), world.clock.now()};
        run.recorder.close(ending, std::nullopt, std::nullopt);
        undo.now();
    } else if (!failure) {
        // Image and snapshot are the user's from here on; the record that says so follows. A death
        // between the two leaves a whole image that the next bake of this key finds by its key.
        world.ledger.release(
            run.job,
            {{ports::ResourceKind::image, run.image->id.str()},
             {ports::ResourceKind::snapshot, run.snapshot->id.str()}}
        );
        fault_point("before:end");
        ending = {
            BakeState::succeeded, run.image->id, result_json(run, std::nullopt), world.clock.now()};
        run.recorder.close(ending, run.image, std::nullopt);
        fault_point("after:end");
        undo.now();
    } else {
        conclude_failure(run, undo, *failure);
    }
    return world.bakes.get(run.id);
}

}  // namespace

ports::BakeRecord Baker::run(
    const Request& request, const EventSink& sink, const std::stop_token& stop
) {
    return execute(request, nullptr, sink, stop, {});
}

ports::BakeRecord Baker::run(
    const Request& request, const Submission& submission, const std::stop_token& stop
) {
    return execute(request, &submission, [](const BakeId&, const ports::BakeEvent&) {}, stop, {});
}

ports::BakeRecord Baker::execute(
    const Request& request,
    const Submission* submission,
    const EventSink& sink,
    const std::stop_token& stop,
    const Inspect& inspect
) {
    const auto deadline = Deadline::after(
        submission != nullptr ? std::min(request.deadline, submission->time_left) : request.deadline
    );
    const auto attempt = submission != nullptr ? Attempt{submission->id, submission->attempt}
                                               : Attempt{BakeId::random(), 1};
    const auto job = JobId::random();
    const auto folder = world_.run_folder / job.str();

    JobUndo undo{world_, job};
    // Ends first: what is undone is not recorded any more.
    Recorder recorder{
        world_,
        attempt.bake,
        attempt.number,
        sink,
        submission != nullptr ? submission->stored : std::function<void()>{}};
    fault_point("before:check");
    if (submission == nullptr) {
        recorder.step_began("check");
    }
    const auto began = std::chrono::steady_clock::now();
    world_.ledger.intend(
        job,
        {{ports::ResourceKind::bake, attempt.str()}, {ports::ResourceKind::folder, folder.string()}}
    );
    std::filesystem::create_directories(folder);
    auto resolved = resolve(world_, request, folder, stop, deadline);
    if (inspect) {
        resolved.key = sha256(resolved.key + attempt.bake.str());  // its own, joined by nobody
    }
    auto wanted = new_record(world_, request, resolved, attempt, job);
    wanted.queue = submission != nullptr ? submission->queue : "";
    if (auto other = submission != nullptr
                         ? begin_or_tell(wanted, request, resolved, *submission, stop)
                         : begin_or_join(wanted, request, resolved, sink, stop)) {
        return *std::move(other);
    }
    recorder.open(folder);
    recorder.accepted(accepted_json(request, resolved, attempt.number));
    if (submission != nullptr) {
        recorder.step_began("check");  // ACCEPTED is the first of its replies
    }
    const BakeStop stops{folder, stop};
    BakeRun run{
        .world = world_,
        .request = request,
        .resolved = resolved,
        .id = attempt.bake,
        .job = job,
        .folder = folder,
        .recorder = recorder,
        .stop = stops.any(),
        .deadline = deadline,
        .submission = submission,
        .cancelled = stops.user(),
    };
    run.step = "check";
    run.time_line.push_back(
        {"check", std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began)}
    );
    recorder.step_ended("check", run.time_line.back().took, true);
    return perform(run, undo, inspect);
}

}  // namespace kiln::bake
