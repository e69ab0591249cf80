#include "base/log.hpp"
#include "local/local_cloud.hpp"

#include <algorithm>
#include <set>

namespace kiln::local {

namespace {

std::set<std::string> layers_of_live_owners(
    ports::Ledger& ledger, const std::function<bool(const HolderId&)>& alive
) {
    std::map<HolderId, bool> known;
    std::set<std::string> names;
    for (const auto& entry : ledger.entries()) {
        if (entry.resource.kind != ports::ResourceKind::layer) {
            continue;
        }
        auto at = known.find(entry.holder);
        if (at == known.end()) {
            at = known.emplace(entry.holder, alive(entry.holder)).first;
        }
        if (at->second) {
            names.insert(entry.resource.name);
        }
    }
    return names;
}

std::vector<LayerId> stray_files(
    Shared& shared, const std::function<bool(const HolderId&)>& alive
) {
    // Files before ledger before rows: a file that someone makes meanwhile was written to the
    // ledger before, and is let go of there only after its row.
    const auto files = shared.files.list();
    const auto spared = layers_of_live_owners(shared.ledger, alive);
    std::set<LayerId> rows;
    for (const auto& layer : shared.catalog.layers()) {
        rows.insert(layer.id);
    }
    std::vector<LayerId> strays;
    for (const auto& id : files) {
        if (!rows.contains(id) && !spared.contains(id.str())) {
            strays.push_back(id);
        }
    }
    return strays;
}

/// Layers that neither a snapshot nor a volume stands on, by way of others or not.
std::vector<LayerId> needless_layers(Shared& shared) {
    std::map<LayerId, std::optional<LayerId>> backing;
    for (const auto& layer : shared.catalog.layers()) {
        backing.emplace(layer.id, layer.backing);
    }
    std::set<LayerId> needed;
    const auto need = [&](std::optional<LayerId> id) {
        while (id && needed.insert(*id).second) {
            const auto below = backing.find(*id);
            id = below == backing.end() ? std::nullopt : below->second;
        }
    };
    for (const auto& record : shared.catalog.snapshots()) {
        need(record.layer);
    }
    for (const auto& record : shared.catalog.volumes()) {
        need(record.layer);
    }
    std::vector<LayerId> needless;
    for (const auto& [id, below] : backing) {
        if (!needed.contains(id)) {
            needless.push_back(id);
        }
    }
    return needless;
}

enum class Act { no, yes };

void correct_rows(Shared& shared, Act act, Reconciled& report) {
    for (const auto& row : shared.catalog.layers()) {
        try {
            const auto backing = shared.files.backing(row.id);
            if (backing == row.backing) {
                continue;
            }
            if (backing && !shared.catalog.layer(*backing)) {
                report.corrupt.push_back(row.id);
                continue;
            }
            if (act == Act::yes) {
                shared.catalog.rebase_layer(row.id, backing);
            }
            report.layers_corrected.push_back(row.id);
        } catch (const Error& error) {
            // Removed by someone else since the rows were read, or really damaged.
            if (shared.catalog.layer(row.id)) {
                log_debug("damaged-layer", {{"layer", row.id.str()}, {"why", error.message()}});
                report.corrupt.push_back(row.id);
            }
        }
    }
}

void free_volumes(Shared& shared, Reconciled& report) {
    for (const auto& record : shared.catalog.volumes()) {
        if (record.volume.state != ports::VolumeState::in_use) {
            continue;
        }
        const VolumeId& id = record.volume.id;
        const auto lock = shared.files.try_lock(id);
        if (lock && shared.catalog.volume(id)) {
            shared.catalog.update_volume(id, ports::VolumeState::available);
            report.volumes_freed.push_back(id);
        }
    }
}

}  // namespace

Reconciled LocalCloud::reconcile(const std::function<bool(const HolderId&)>& alive) {
    Reconciled report;
    correct_rows(shared_, Act::yes, report);
    report.layers_removed = shared_.collect_unused();
    report.files_removed = stray_files(shared_, alive);
    for (const auto& id : report.files_removed) {
        shared_.files.remove(id);
    }
    free_volumes(shared_, report);
    for (const auto& id : shared_.files.list_locks()) {
        if (!shared_.catalog.volume(id)) {
            shared_.files.forget_lock(id);
        }
    }
    return report;
}

Reconciled LocalCloud::foresee(const std::function<bool(const HolderId&)>& alive) {
    Reconciled report;
    correct_rows(shared_, Act::no, report);
    report.layers_removed = needless_layers(shared_);
    report.files_removed = stray_files(shared_, alive);
    // A volume is in use while its lock is held; that file is there as long.
    const auto locks = shared_.files.list_locks();
    for (const auto& record : shared_.catalog.volumes()) {
        const auto& volume = record.volume;
        const bool known = std::ranges::find(locks, volume.id) != locks.end();
        if (volume.state == ports::VolumeState::in_use &&
            (!known || shared_.files.try_lock(volume.id))) {
            report.volumes_freed.push_back(volume.id);
        }
    }
    return report;
}

}  // namespace kiln::local
