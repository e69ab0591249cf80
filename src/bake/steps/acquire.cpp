#include "bake/bake_run.hpp"
#include "bake/step.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

/// A volume of the longest checkpoint that the request's commands share, or nothing.
/// A checkpoint whose snapshot is gone is forgotten, and the next one is tried.
std::optional<ports::Volume> from_checkpoint(BakeRun& run, ports::VolumeSpec spec) {
    auto& store = run.world.checkpoints;
    while (auto found = store.find_longest(run.resolved.checkpoint_keys, run.world.clock.now())) {
        spec.snapshot = found->snapshot;
        try {
            auto volume = run.world.cloud.volumes.create(spec, run.deadline);
            run.resume_at = found->commands;
            return volume;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
            store.remove(found->key);
        }
    }
    return std::nullopt;
}

/// A volume of the parent that stands ready, with all that was done for it.
void take_ready(BakeRun& run) {
    auto ready =
        run.world.ready_volume(run.job, run.resolved.parent.root_snapshot, run.request.size);
    if (!ready) {
        run.volume_from = "miss";
        return;
    }
    run.volume = std::move(ready->volume);
    run.attached = std::move(ready->attached);
    run.root = std::move(ready->root);
    run.volume_from = run.root ? "hot" : "hit";
}

}  // namespace

void acquire(BakeRun& run) {
    ports::VolumeSpec spec;
    spec.owner = run.job;
    spec.size = run.request.size;
    spec.tags = {{"kiln:bake", run.id.str()}};
    if (!run.resolved.checkpoint_keys.empty()) {
        run.volume = from_checkpoint(run, spec);
        run.volume_from = run.volume ? "checkpoint" : "";
    }
    if (!run.volume && run.world.ready_volume) {
        take_ready(run);
    }
    if (!run.volume) {
        spec.snapshot = run.resolved.parent.root_snapshot;
        run.volume = run.world.cloud.volumes.create(spec, run.deadline);
    }
    if (run.resume_at > 0) {
        run.recorder.note(
            "acquire",
            fmt::format(
                "going on from a checkpoint: {} of {} commands are done",
                run.resume_at,
                run.request.commands.size()
            )
        );
    }
}

}  // namespace kiln::bake
