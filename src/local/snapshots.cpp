#include "base/fault.hpp"
#include "local/roles.hpp"

namespace kiln::local {

namespace {

ports::Resource resource_of(const SnapshotId& id) {
    return {ports::ResourceKind::snapshot, id.str()};
}

}  // namespace

ports::Snapshot LocalSnapshots::create(const ports::SnapshotSpec& spec, Deadline deadline) {
    require_good_tags(spec.tags);
    const auto record = shared_.volume(spec.volume);
    ports::Snapshot snapshot;
    snapshot.id = SnapshotId::random();
    snapshot.size = record.volume.size;
    snapshot.description = spec.description;
    snapshot.state = ports::SnapshotState::completed;
    snapshot.created = shared_.clock.now();
    snapshot.tags = spec.tags;
    if (const auto disk = shared_.attached(spec.volume)) {
        freeze_attached(*disk, spec, snapshot, deadline);
    } else {
        freeze_detached(spec, snapshot);
    }
    return snapshot;
}

/// The volume keeps pointing at its layer, which is frozen now.
void LocalSnapshots::freeze_detached(const ports::SnapshotSpec& spec, ports::Snapshot& snapshot) {
    const auto lock = lock_volume(shared_.files, spec.volume);
    const auto record = shared_.volume(spec.volume);
    std::vector<ports::Resource> resources{resource_of(snapshot.id)};
    std::optional<ports::Layer> fresh;
    if (!record.layer) {
        fresh = shared_.new_layer(std::nullopt, record.volume.size);
        resources.push_back({ports::ResourceKind::layer, fresh->id.str()});
    }
    shared_.ledger.intend(spec.owner, resources);
    if (fresh) {
        shared_.files.make(fresh->id, fresh->virtual_size, std::nullopt);
        shared_.catalog.update_volume(spec.volume, ports::VolumeState::available, fresh);
    }
    const LayerId layer = fresh ? fresh->id : *record.layer;
    shared_.files.freeze(layer);
    snapshot.stored = os::allocated_size(shared_.files.path(layer));
    fault_point("local:layer-frozen");
    shared_.catalog.put_snapshot({snapshot, layer});
}

/// Writes go to a new layer from one moment to the next; the old one is frozen.
void LocalSnapshots::freeze_attached(
    AttachedDisk& disk,
    const ports::SnapshotSpec& spec,
    ports::Snapshot& snapshot,
    Deadline deadline
) {
    disk.change_top([&](StorageDaemon& daemon) -> std::optional<LayerId> {
        if (auto why = daemon.failure()) {
            throw std::move(*why);
        }
        const auto record = shared_.volume(spec.volume);
        const auto top = shared_.catalog.layer(record.layer.value());
        if (!top) {
            throw Error{
                ErrorKind::corrupt, "the layer of volume " + spec.volume.str() + " is unknown"};
        }
        std::vector<ports::Resource> resources{resource_of(snapshot.id)};
        if (top->frozen) {  // attached for reading: nothing can have changed
            shared_.ledger.intend(spec.owner, resources);
            snapshot.stored = os::allocated_size(shared_.files.path(top->id));
            shared_.catalog.put_snapshot({snapshot, top->id});
            return std::nullopt;
        }
        shared_.refuse_when_full();
        const auto next = shared_.new_layer(top, record.volume.size);
        resources.push_back({ports::ResourceKind::layer, next.id.str()});
        shared_.ledger.intend(spec.owner, resources);
        shared_.files.make(next.id, next.virtual_size, top->id);
        try {
            fault_point("local:overlay-made");
            daemon.switch_to(shared_.files.path(next.id), deadline);
        } catch (const Error&) {
            shared_.files.remove(next.id);
            throw;
        }
        try {
            shared_.files.freeze(top->id);
            snapshot.stored = os::allocated_size(shared_.files.path(top->id));
            fault_point("local:overlay-switched");
            shared_.catalog.put_snapshot({snapshot, top->id}, spec.volume, next);
        } catch (const Error&) {
            // Writes go to a layer that nobody will find again: let them fail, rather than be lost.
            daemon.end();
            throw;
        }
        return next.id;
    });
}

std::vector<ports::Snapshot> LocalSnapshots::describe(const std::vector<SnapshotId>& ids) {
    std::vector<ports::Snapshot> found;
    if (ids.empty()) {
        for (auto& record : shared_.catalog.snapshots()) {
            found.push_back(std::move(record.snapshot));
        }
    }
    for (const auto& id : ids) {
        found.push_back(shared_.snapshot(id).snapshot);
    }
    return found;
}

void LocalSnapshots::remove(const SnapshotId& id, Deadline) {
    if (!shared_.catalog.snapshot(id)) {
        return;
    }
    shared_.catalog.remove_snapshot(id);
    (void)shared_.collect_unused();
}

void LocalSnapshots::share(const SnapshotId& id, const std::vector<std::string>& accounts) {
    require_accounts(accounts, "share_with");
    (void)shared_.snapshot(id);
    shared_.catalog.share(id.str(), accounts, {});
}

}  // namespace kiln::local
