#include "bake/bake_run.hpp"
#include "bake/step.hpp"

namespace kiln::bake {

void mount(BakeRun& run) {
    if (run.root) {
        return;  // it stood ready, grown and mounted
    }
    const auto target = run.folder / "root";
    std::filesystem::create_directory(target);
    run.world.ledger.intend(run.job, {{ports::ResourceKind::mount, target}});
    disk::MountedRoot::Options options;
    options.grow = run.request.size.has_value();
    run.root =
        disk::MountedRoot::mount(run.attached->device(), target, options, run.stop, run.deadline);
}

}  // namespace kiln::bake
