#include "images/scratch_volume.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <fmt/format.h>

namespace kiln::images {

namespace {

ports::Resource resource_of(const VolumeId& id) {
    return {ports::ResourceKind::volume, id.str()};
}

disk::MountedRoot mount_for_reading(
    const Task& task, ScratchVolume& volume, const std::string& place
) {
    disk::MountedRoot::Options options;
    options.read_only = true;
    return disk::MountedRoot::mount(
        volume.device(), mount_point(task, place), options, task.stop, task.deadline
    );
}

}  // namespace

ScratchVolume::ScratchVolume(const Task& task, const ports::VolumeSpec& spec, bool read_only)
    : cloud_{&task.cloud}, ledger_{&task.ledger}, job_{task.job} {
    const auto volume = cloud_->volumes.create(spec, task.deadline);
    id_ = volume.id;
    size_ = volume.size;
    ports::AttachSpec attach;
    attach.owner = task.job;
    attach.volume = id_;
    attach.work_folder = task.folder;
    attach.read_only = read_only;
    try {
        attached_ = cloud_->attachments.attach(attach, task.deadline);
    } catch (const Error&) {
        remove();
        throw;
    }
}

ScratchVolume ScratchVolume::empty(const Task& task, Bytes size) {
    ports::VolumeSpec spec;
    spec.owner = task.job;
    spec.size = size;
    return ScratchVolume{task, spec, false};
}

ScratchVolume ScratchVolume::of(const Task& task, const SnapshotId& snapshot) {
    ports::VolumeSpec spec;
    spec.owner = task.job;
    spec.snapshot = snapshot;
    return ScratchVolume{task, spec, true};
}

ScratchVolume::~ScratchVolume() {
    if (id_.empty()) {
        return;
    }
    try {
        attached_.reset();
        remove();
    } catch (const std::exception& error) {
        log_warning(
            "volume-not-removed",
            {{"volume", id_.str()}, {"why", error.what()}, {"next", "the sweeper removes it"}}
        );
    }
}

void ScratchVolume::detach() {
    if (attached_) {
        attached_->detach();
        attached_.reset();
    }
}

void ScratchVolume::remove() {
    detach();
    cloud_->volumes.remove(id_, Deadline::after(std::chrono::minutes{1}));
    ledger_->release(job_, {resource_of(id_)});
    id_ = {};
}

MountedImage::MountedImage(const Task& task, const ports::Image& image, const std::string& place)
    : volume_{ScratchVolume::of(task, image.root_snapshot)},
      root_{mount_for_reading(task, volume_, place)} {}

void MountedImage::finish() {
    root_.unmount();
    volume_.remove();
}

std::filesystem::path mount_point(const Task& task, const std::string& place) {
    auto path = task.folder / place;
    task.ledger.intend(task.job, {{ports::ResourceKind::mount, path.string()}});
    std::error_code error;
    std::filesystem::create_directory(path, error);
    if (error) {
        throw Error::from_errno(error.value(), fmt::format("make folder '{}'", path.string()));
    }
    return path;
}

ports::Image find_image(ports::Cloud& cloud, const ImageId& id) {
    ports::ImageFilter filter;
    filter.ids = {id};
    auto found = cloud.images.describe(filter);
    if (found.empty()) {
        throw Error{ErrorKind::not_found, fmt::format("no image {}", id.str())};
    }
    return std::move(found.front());
}

}  // namespace kiln::images
