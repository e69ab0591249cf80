#pragma once

#include "bake/baker.hpp"
#include "disk/root_disk.hpp"
#include "os/files.hpp"

#include <memory>
#include <optional>

namespace kiln::bake {

/// A throw-away volume of a snapshot, mounted: for a shell at a checkpoint, for comparing images.
/// All of it is in the ledger under a job of its own and undone at the end.
class Scratch {
  public:
    enum class Access { read_only, read_write };
    Scratch(
        World& world,
        const SnapshotId& snapshot,
        Access access,
        const std::stop_token& stop,
        Deadline deadline
    );
    Scratch(Scratch&&) = delete;
    ~Scratch();

    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_.path(); }

    [[nodiscard]] const JobId& job() const noexcept { return job_; }

  private:
    World& world_;
    JobId job_ = JobId::random();
    std::unique_ptr<ports::AttachedVolume> attached_;
    disk::MountedRoot root_;
};

}  // namespace kiln::bake
