#pragma once

#include "base/error.hpp"
#include "ports/cloud.hpp"

#include <vector>

/// A cloud that only remembers: volumes are made and removed, nothing can be attached. For tests of
/// what decides; what a cloud has to do is the conformance suite's.
namespace kiln::ports::testing {

class FakeVolumes final : public Volumes {
  public:
    Volume create(const VolumeSpec& spec, Deadline) override {
        if (!room) {
            throw Error{ErrorKind::exhausted, "no room"};
        }
        Volume volume;
        volume.id = VolumeId::random();
        volume.snapshot = spec.snapshot;
        volume.size = spec.size.value_or(Bytes{});
        volume.state = VolumeState::available;
        volume.tags = spec.tags;
        volumes.push_back(volume);
        return volume;
    }

    std::vector<Volume> describe(const std::vector<VolumeId>& ids) override {
        if (ids.empty()) {
            return volumes;
        }
        for (const auto& volume : volumes) {
            if (volume.id == ids[0]) {
                return {volume};
            }
        }
        throw Error{ErrorKind::not_found, ids[0].str()};
    }

    void remove(const VolumeId& id, Deadline) override {
        std::erase_if(volumes, [&](const auto& volume) { return volume.id == id; });
    }

    bool room = true;
    std::vector<Volume> volumes;
};

class FakeAttachments final : public Attachments {
  public:
    std::unique_ptr<AttachedVolume> attach(const AttachSpec&, Deadline) override {
        throw Error{ErrorKind::denied, "nothing is attached in a unit test"};
    }
};

class FakeSnapshots final : public Snapshots {
  public:
    Snapshot create(const SnapshotSpec&, Deadline) override { return {}; }

    std::vector<Snapshot> describe(const std::vector<SnapshotId>&) override { return {}; }

    void remove(const SnapshotId&, Deadline) override {}

    void share(const SnapshotId&, const std::vector<std::string>&) override {}
};

class FakeImages final : public Images {
  public:
    Image register_image(const ImageSpec&) override { return {}; }

    std::vector<Image> describe(const ImageFilter&) override { return images; }

    void deregister(const ImageId&) override {}

    void share(const ImageId&, const std::vector<std::string>&, const std::vector<std::string>&)
        override {}

    void rename(const ImageId&, const std::string&) override {}

    std::vector<Image> images;
};

class FakeTags final : public TagStore {
  public:
    void set(const std::string&, const Tags&) override {}

    void unset(const std::string&, const std::vector<std::string>&) override {}
};

/// All roles together.
struct FakeCloud {
    FakeVolumes volumes;
    FakeAttachments attachments;
    FakeSnapshots snapshots;
    FakeImages images;
    FakeTags tags;
    Cloud cloud{"fake", volumes, attachments, snapshots, images, tags};
};

}  // namespace kiln::ports::testing
