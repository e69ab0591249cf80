#include "base/fault.hpp"
#include "base/log.hpp"
#include "local/roles.hpp"
#include "local/top_layer.hpp"

#include <unistd.h>

namespace kiln::local {

namespace {

constexpr auto kDetachTime = std::chrono::minutes{5};  // for what the host must still write

class LocalAttachedVolume final : public ports::AttachedVolume {
  public:
    LocalAttachedVolume(Shared& shared, std::shared_ptr<AttachedDisk> disk)
        : shared_{shared}, disk_{std::move(disk)} {}

    LocalAttachedVolume(LocalAttachedVolume&&) = delete;

    ~LocalAttachedVolume() override {
        try {
            detach();
        } catch (const std::exception& error) {
            log_warning("volume-detached-after-failure", {{"why", error.what()}});
        }
    }

    [[nodiscard]] std::filesystem::path device() const override {
        return disk_->place().export_file;
    }

    void detach() override {
        if (detached_) {
            return;
        }
        detached_ = true;
        const VolumeId id = disk_->place().volume;
        shared_.disks.lock()->erase(id);
        std::optional<Error> failure;
        try {
            disk_->stop(Deadline::after(kDetachTime));
        } catch (const Error& error) {
            failure = error;
        }
        // The volume's lock is the truth, its state what is shown: set while we still hold the
        // lock.
        shared_.catalog.update_volume(id, ports::VolumeState::available);
        disk_->release();
        if (failure) {
            throw std::move(*failure);
        }
    }

    [[nodiscard]] std::optional<Error> failure() override {
        return detached_ ? std::nullopt : disk_->failure();
    }

  private:
    Shared& shared_;
    std::shared_ptr<AttachedDisk> disk_;
    bool detached_ = false;
};

/// Ledger first, then the daemon, whose start overlaps the making of the layer, then the row.
std::shared_ptr<AttachedDisk> start(
    Shared& shared, const ports::AttachSpec& spec, const Top& top, os::FileLock lock
) {
    AttachedDisk::Place place;
    place.volume = spec.volume;
    place.export_file = spec.work_folder / (spec.volume.str() + ".disk");
    place.access = spec.read_only ? os::Access::read_only : os::Access::read_write;
    std::vector<ports::Resource> resources{
        {ports::ResourceKind::mount, place.export_file.string()},
        {ports::ResourceKind::process, shared.files.pid_file(spec.volume).string()}};
    if (top.fresh) {
        resources.push_back({ports::ResourceKind::layer, top.layer.id.str()});
    }
    shared.ledger.intend(spec.owner, resources);
    auto disk = std::make_shared<AttachedDisk>(shared.files, place, std::move(lock));
    record_top(shared, spec.volume, top);
    return disk;
}

}  // namespace

std::unique_ptr<ports::AttachedVolume> LocalAttachments::attach(
    const ports::AttachSpec& spec, Deadline deadline
) {
    if (::geteuid() != 0) {
        throw Error{ErrorKind::denied, "attaching a volume needs root, for the FUSE mount"}.hint(
            "run kiln as root"
        );
    }
    (void)shared_.volume(spec.volume);
    auto lock = lock_volume(shared_.files, spec.volume);
    const auto record = shared_.volume(spec.volume);  // again: now nobody else changes it
    if (!spec.read_only) {
        shared_.refuse_when_full();
    }
    const Top top = choose_top(shared_, record, spec.read_only);
    auto disk = start(shared_, spec, top, std::move(lock));
    auto volume = std::make_unique<LocalAttachedVolume>(shared_, disk);
    disk->serve(top.layer.id, deadline);
    fault_point("local:attached");
    (*shared_.disks.lock())[spec.volume] = disk;
    return volume;
}

}  // namespace kiln::local
