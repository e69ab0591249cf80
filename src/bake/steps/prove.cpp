#include "bake/bake_run.hpp"
#include "bake/step.hpp"

namespace kiln::bake {

void prove(BakeRun& run) {
    if (!run.request.boot_test) {
        return;
    }
    run.recorder.note("prove", "booting a throw-away copy of the image");
    run.world.boot_test(
        run.job, run.snapshot->id, run.request.boot_marker.value_or(""), run.stop, run.deadline
    );
    run.recorder.note("prove", "the image booted");
}

}  // namespace kiln::bake
