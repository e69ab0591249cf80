#include "base/log.hpp"
#include "local/local_cloud.hpp"

#include <algorithm>

namespace kiln::local {

namespace {

/// A layer that something stands on meanwhile belongs to that and stays.
void undo_layer(Shared& shared, const LayerId& id) {
    if (!shared.catalog.layer(id)) {
        shared.files.remove(id);
        return;
    }
    const auto unused = shared.catalog.unused_layers();
    if (std::ranges::find(unused, id) != unused.end()) {
        (void)shared.collect_unused();
    }
}

void undo_snapshot(ports::Snapshots& snapshots, const SnapshotId& id) {
    try {
        snapshots.remove(id, Deadline::never());
    } catch (const Error& error) {
        // Another job's image stands on it: it is that image's now.
        if (error.kind() != ErrorKind::conflict) {
            throw;
        }
        log_debug("snapshot-kept", {{"snapshot", id.str()}, {"why", error.message()}});
    }
}

}  // namespace

std::map<ports::ResourceKind, std::function<void(const ports::Resource&)>> LocalCloud::undo() {
    using ports::ResourceKind;
    return {
        {ResourceKind::layer,
         [this](const ports::Resource& r) { undo_layer(shared_, LayerId::parse(r.name)); }},
        {ResourceKind::volume,
         [this](const ports::Resource& r) {
             volumes_.remove(VolumeId::parse(r.name), Deadline::never());
         }},
        {ResourceKind::snapshot,
         [this](const ports::Resource& r) {
             undo_snapshot(snapshots_, SnapshotId::parse(r.name));
         }},
        {ResourceKind::image,
         [this](const ports::Resource& r) { images_.deregister(ImageId::parse(r.name)); }}};
}

}  // namespace kiln::local
