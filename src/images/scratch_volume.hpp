#pragma once

#include "disk/root_disk.hpp"
#include "images/task.hpp"
#include "ports/cloud.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace kiln::images {

/// A volume that one operation has for itself, attached to this host. Detached and removed at the
/// end.
class ScratchVolume {
  public:
    /// An empty one of `size`. @throws Error  exhausted · denied: not root
    static ScratchVolume empty(const Task& task, Bytes size);
    /// What the snapshot holds, for reading.
    static ScratchVolume of(const Task& task, const SnapshotId& snapshot);

    ScratchVolume(ScratchVolume&&) noexcept = default;
    ScratchVolume& operator=(ScratchVolume&&) = delete;
    ~ScratchVolume();

    [[nodiscard]] const VolumeId& id() const noexcept { return id_; }

    [[nodiscard]] Bytes size() const noexcept { return size_; }

    /// Block device, or a regular file that stands for one. Valid until detach().
    [[nodiscard]] std::filesystem::path device() const { return attached_->device(); }

    /// The storage's own error, when it failed: the cause of what failed above it.
    [[nodiscard]] std::optional<Error> failure() { return attached_->failure(); }

    /// What was written is durable; the volume stays until remove().
    void detach();
    void remove();

  private:
    ScratchVolume(const Task& task, const ports::VolumeSpec& spec, bool read_only);

    ports::Cloud* cloud_;
    ports::Ledger* ledger_;
    JobId job_;
    VolumeId id_;
    Bytes size_;
    std::unique_ptr<ports::AttachedVolume> attached_;
};

/// The storage's own words for a failure, when it has any: "no space" instead of "input/output
/// error".
template <class Work>
void with_cause(ScratchVolume& volume, const Work& work) {
    try {
        work();
    } catch (const Error& error) {
        if (const auto cause = volume.failure(); cause && error.kind() != ErrorKind::cancelled) {
            throw cause->while_("write the volume");
        }
        throw;
    }
}

/// The root of an image, mounted for reading below the task's folder. Taken down at the end.
class MountedImage {
  public:
    /// @param place  a name of its own below the task's folder
    MountedImage(const Task& task, const ports::Image& image, const std::string& place);

    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_.path(); }

    /// Unmounts, detaches and removes the volume.
    void finish();

  private:
    ScratchVolume volume_;
    disk::MountedRoot root_;
};

/// Makes an empty folder for a mount and writes the mount to the ledger.
[[nodiscard]] std::filesystem::path mount_point(const Task& task, const std::string& place);

/// @throws Error  not_found
[[nodiscard]] ports::Image find_image(ports::Cloud& cloud, const ImageId& id);

}  // namespace kiln::images
