#pragma once

#include "local/shared.hpp"

/// The roles of the local cloud, one class each. All throw what ports/cloud.hpp says.
namespace kiln::local {

class LocalVolumes final : public ports::Volumes {
  public:
    explicit LocalVolumes(Shared& shared) : shared_{shared} {}

    ports::Volume create(const ports::VolumeSpec& spec, Deadline deadline) override;
    std::vector<ports::Volume> describe(const std::vector<VolumeId>& ids) override;
    void remove(const VolumeId& id, Deadline deadline) override;

  private:
    Shared& shared_;
};

class LocalAttachments final : public ports::Attachments {
  public:
    explicit LocalAttachments(Shared& shared) : shared_{shared} {}

    std::unique_ptr<ports::AttachedVolume> attach(const ports::AttachSpec& spec, Deadline deadline)
        override;

  private:
    Shared& shared_;
};

class LocalSnapshots final : public ports::Snapshots {
  public:
    explicit LocalSnapshots(Shared& shared) : shared_{shared} {}

    ports::Snapshot create(const ports::SnapshotSpec& spec, Deadline deadline) override;
    std::vector<ports::Snapshot> describe(const std::vector<SnapshotId>& ids) override;
    void remove(const SnapshotId& id, Deadline deadline) override;
    void share(const SnapshotId& id, const std::vector<std::string>& accounts) override;

  private:
    void freeze_detached(const ports::SnapshotSpec& spec, ports::Snapshot& snapshot);
    void freeze_attached(
        AttachedDisk& disk,
        const ports::SnapshotSpec& spec,
        ports::Snapshot& snapshot,
        Deadline deadline
    );

    Shared& shared_;
};

class LocalImages final : public ports::Images {
  public:
    explicit LocalImages(Shared& shared) : shared_{shared} {}

    ports::Image register_image(const ports::ImageSpec& spec) override;
    std::vector<ports::Image> describe(const ports::ImageFilter& filter) override;
    void deregister(const ImageId& id) override;
    void share(
        const ImageId& id,
        const std::vector<std::string>& add,
        const std::vector<std::string>& remove
    ) override;
    void rename(const ImageId& id, const std::string& name) override;

  private:
    Shared& shared_;
};

class LocalTags final : public ports::TagStore {
  public:
    explicit LocalTags(Shared& shared) : shared_{shared} {}

    void set(const std::string& resource, const ports::Tags& tags) override;
    void unset(const std::string& resource, const std::vector<std::string>& keys) override;

  private:
    [[nodiscard]] ports::Tags present(const std::string& resource) const;

    Shared& shared_;
};

}  // namespace kiln::local
