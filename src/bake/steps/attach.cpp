#include "bake/bake_run.hpp"
#include "bake/step.hpp"

namespace kiln::bake {

void attach(BakeRun& run) {
    if (run.attached) {
        return;  // it stood ready
    }
    ports::AttachSpec spec;
    spec.owner = run.job;
    spec.volume = run.volume->id;
    spec.work_folder = run.folder;
    run.attached = run.world.cloud.attachments.attach(spec, run.deadline);
}

}  // namespace kiln::bake
