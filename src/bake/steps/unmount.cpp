#include "bake/bake_run.hpp"
#include "bake/step.hpp"

namespace kiln::bake {

void unmount(BakeRun& run) {
    run.root->unmount();
    run.root.reset();
    run.attached->detach();
    run.attached.reset();
}

}  // namespace kiln::bake
