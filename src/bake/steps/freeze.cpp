#include "bake/bake_run.hpp"
#include "bake/step.hpp"

#include <fmt/format.h>

namespace kiln::bake {

void freeze(BakeRun& run) {
    ports::SnapshotSpec spec;
    spec.owner = run.job;
    spec.volume = run.volume->id;
    spec.description = fmt::format("root of {}, made by {}", run.request.name, run.id.str());
    spec.tags = run.request.tags;
    run.snapshot = run.world.cloud.snapshots.create(spec, run.deadline);
}

}  // namespace kiln::bake
