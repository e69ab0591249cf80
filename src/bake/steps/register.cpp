#include "bake/bake_run.hpp"
#include "bake/step.hpp"

namespace kiln::bake {

void register_image(BakeRun& run) {
    ports::ImageSpec spec;
    spec.owner = run.job;
    spec.name = run.request.name;
    spec.description = run.request.description;
    spec.architecture = run.resolved.parent.architecture;
    spec.root_snapshot = run.snapshot->id;
    spec.parent = run.resolved.parent.id;
    spec.bake = run.id;
    spec.bake_key = run.resolved.key;
    spec.tags = run.request.tags;
    spec.shared_with = run.request.share_with;
    run.image = run.world.cloud.images.register_image(spec);
    run.world.cloud.volumes.remove(run.volume->id, run.deadline);
}

}  // namespace kiln::bake
