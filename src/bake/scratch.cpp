#include "bake/scratch.hpp"

#include "base/log.hpp"

namespace kiln::bake {

Scratch::Scratch(
    World& world,
    const SnapshotId& snapshot,
    Access access,
    const std::stop_token& stop,
    Deadline deadline
)
    : world_{world} {
    const bool read_only = access == Access::read_only;
    const auto folder = world_.run_folder / job_.str();
    const auto target = folder / "root";
    try {
        world_.ledger.intend(
            job_,
            {{ports::ResourceKind::folder, folder.string()},
             {ports::ResourceKind::mount, target.string()}}
        );
        std::filesystem::create_directories(target);
        ports::VolumeSpec spec;
        spec.owner = job_;
        spec.snapshot = snapshot;
        const auto volume = world_.cloud.volumes.create(spec, deadline);
        attached_ = world_.cloud.attachments.attach({job_, volume.id, folder, read_only}, deadline);
        root_ = disk::MountedRoot::mount(
            attached_->device(), target, {.read_only = read_only, .grow = false}, stop, deadline
        );
    } catch (...) {
        attached_.reset();
        world_.undo_job(job_);
        throw;
    }
}

Scratch::~Scratch() {
    try {
        root_.unmount();
        attached_->detach();
    } catch (const std::exception& error) {
        log_debug("scratch volume", {{"error", error.what()}});
    }
    try {
        root_ = {};
        attached_.reset();
        world_.undo_job(job_);
    } catch (const std::exception& error) {
        log_warning(
            "clean-up is left to the next `kiln gc`", {{"job", job_.str()}, {"error", error.what()}}
        );
    }
}

}  // namespace kiln::bake
