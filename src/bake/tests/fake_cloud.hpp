#pragma once

#include "base/guarded.hpp"
#include "ports/cloud.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace kiln::bake {

/// A cloud that has images and whose volumes fail as they are told: as far as a bake comes without
/// a kernel.
class FakeCloud : ports::Volumes,
                  ports::Attachments,
                  ports::Snapshots,
                  ports::Images,
                  ports::TagStore {
  public:
    ports::Cloud cloud() { return {"fake", *this, *this, *this, *this, *this}; }

    void add(const ports::Image& image) { images_.lock()->push_back(image); }

    /// Called instead of making a volume; throws.
    std::function<void()> on_create = [] { throw Error{ErrorKind::denied, "no volumes here"}; };

  private:
    ports::Volume create(const ports::VolumeSpec&, Deadline) override {
        on_create();
        throw Error{ErrorKind::denied, "no volumes here"};
    }

    std::vector<ports::Volume> describe(const std::vector<VolumeId>&) override { return {}; }

    void remove(const VolumeId&, Deadline) override {}

    std::unique_ptr<ports::AttachedVolume> attach(const ports::AttachSpec&, Deadline) override {
        return nullptr;
    }

    ports::Snapshot create(const ports::SnapshotSpec&, Deadline) override { return {}; }

    std::vector<ports::Snapshot> describe(const std::vector<SnapshotId>&) override { return {}; }

    void remove(const SnapshotId&, Deadline) override {}

    void share(const SnapshotId&, const std::vector<std::string>&) override {}

    ports::Image register_image(const ports::ImageSpec&) override { return {}; }

    std::vector<ports::Image> describe(const ports::ImageFilter& filter) override {
        auto found = *images_.lock();
        std::erase_if(found, [&](const auto& image) { return !ports::matches(filter, image); });
        return found;
    }

    void deregister(const ImageId&) override {}

    void share(const ImageId&, const std::vector<std::string>&, const std::vector<std::string>&)
        override {}

    void rename(const ImageId&, const std::string&) override {}

    void set(const std::string&, const ports::Tags&) override {}

    void unset(const std::string&, const std::vector<std::string>&) override {}

    Guarded<std::vector<ports::Image>> images_;
};

}  // namespace kiln::bake
