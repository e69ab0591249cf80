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
    const BakeId& id,
    const JobId& job
) {
    ports::BakeRecord record;
    record.id = id;
    record.key = resolved.key;
    record.name = request.name;
    record.holder = world.holder;
    record.job = job;
    record.parent = resolved.parent.id;
    record.request = to_json(request);
    record.created = world.clock.now();
    return record;
}

BakeState state_after(const Error& error) {
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
        run.let_go();
        if (run.request.keep_on_failure && run.volume) {
            keep_volume(run);
        } else {
            run.drop_volume();  // before the record's end is written: the disk may be full
        }
        ending = {
            state_after(failure->error),
            std::nullopt,
            result_json(run, failure),
            world.clock.now()};
        run.recorder.close(ending, std::nullopt, error_json(run, *failure));
        undo.now();
        if (failure->error.kind() == ErrorKind::cancelled) {
            throw failure->error;
        }
    }
    return world.bakes.get(run.id);
}

bool exists(World& world, const ImageId& id) {
    try {
        ports::ImageFilter filter;
        filter.ids = {id};
        return !world.cloud.images.describe(filter).empty();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return false;
        }
        throw;
    }
}

}  // namespace

void Baker::end_orphan(const ports::BakeRecord& record) {
    world_.undo_job(record.job);
    mark_interrupted(world_.bakes, world_.clock, record.id);  // should the ledger not have known it
}

ports::BakeRecord Baker::replay_end(const BakeId& id, const EventSink& sink) {
    replay(
        id,
        0,
        Follow::no,
        [&](const BakeId& bake, const ports::BakeEvent& event) {
            if (event.category == "IMAGE" || event.final) {
                sink(bake, event);
            }
        },
        {}
    );
    return world_.bakes.get(id);
}

ports::BakeRecord Baker::answer_with(const ports::Image& image, const EventSink& sink) {
    auto record = world_.bakes.get(*image.bake);
    if (record.state == BakeState::succeeded) {
        return replay_end(record.id, sink);
    }
    // Its process died after the image was whole and before the record said so: the image counts.
    record.state = BakeState::succeeded;
    record.image = image.id;
    EventLog log;
    const auto now = world_.clock.now();
    for (const auto& event : log.image(ports::to_json(image), image.name, now)) {
        sink(record.id, event);
    }
    for (const auto& event :
         log.end(record.state, {{"state", "succeeded"}, {"image", image.id.str()}}, now)) {
        sink(record.id, event);
    }
    return record;
}

std::optional<ports::BakeRecord> Baker::begin_or_join(
    const ports::BakeRecord& wanted,
    const Request& request,
    const EventSink& sink,
    const std::stop_token& stop
) {
    bool force = request.rebake;
    for (;;) {
        const auto begun = world_.bakes.begin(wanted, force);
        const auto& record = begun.record;
        if (begun.inserted) {
            return std::nullopt;
        }
        if (record.state == BakeState::succeeded) {
            if (record.image && exists(world_, *record.image)) {
                return replay_end(record.id, sink);
            }
            force = true;  // its image was removed since
        } else if (!world_.holder_alive(record.holder)) {
            end_orphan(record);
        } else {
            replay(record.id, 0, Follow::yes, sink, stop);
            auto ended = world_.bakes.get(record.id);
            if (ended.state != BakeState::interrupted) {
                return ended;
            }
        }
    }
}

ports::BakeRecord Baker::run(
    const Request& request, const EventSink& sink, const std::stop_token& stop
) {
    return execute(request, sink, stop, {});
}

ports::BakeRecord Baker::execute(
    const Request& request,
    const EventSink& sink,
    const std::stop_token& stop,
    const Inspect& inspect
) {
    const auto deadline = Deadline::after(request.deadline);
    const auto id = BakeId::random();
    const auto job = JobId::random();
    const auto folder = world_.run_folder / job.str();

    JobUndo undo{world_, job};
    Recorder recorder{world_, id, sink};  // ends first: what is undone is not recorded any more
    fault_point("before:check");
    recorder.step_began("check");
    const auto began = std::chrono::steady_clock::now();
    world_.ledger.intend(
        job, {{ports::ResourceKind::bake, id.str()}, {ports::ResourceKind::folder, folder.string()}}
    );
    std::filesystem::create_directories(folder);
    auto resolved = resolve(world_, request, folder, stop, deadline);
    if (inspect) {
        resolved.key = sha256(resolved.key + id.str());  // a bake of its own, joined by nobody
    }
    if (const auto image = already_made(world_, request, resolved)) {
        return answer_with(*image, sink);
    }
    if (auto other =
            begin_or_join(new_record(world_, request, resolved, id, job), request, sink, stop)) {
        return *std::move(other);
    }
    recorder.open(folder / kNotifyFile);
    recorder.accepted(accepted_json(request, resolved));

    std::stop_source own_stop;
    const std::stop_callback forward{stop, [&] { own_stop.request_stop(); }};
    const CancelWatch cancel{folder, own_stop};
    BakeRun run{
        .world = world_,
        .request = request,
        .resolved = resolved,
        .id = id,
        .job = job,
        .folder = folder,
        .recorder = recorder,
        .stop = own_stop.get_token(),
        .deadline = deadline,
    };
    run.step = "check";
    run.time_line.push_back(
        {"check", std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began)}
    );
    recorder.step_ended("check", run.time_line.back().took, true);
    return perform(run, undo, inspect);
}

}  // namespace kiln::bake
