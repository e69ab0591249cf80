#pragma once

#include "base/guarded.hpp"
#include "local/attached_disk.hpp"
#include "local/layer_files.hpp"
#include "local/settings.hpp"
#include "ports/catalog.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::local {

/// What the roles of the local cloud share. Safe from several threads.
struct Shared {
    Shared(
        const std::filesystem::path& folder,
        ports::Catalog& the_catalog,
        ports::Ledger& the_ledger,
        ports::Clock& the_clock,
        Settings the_settings
    );

    /// @throws Error  not_found
    [[nodiscard]] ports::VolumeRecord volume(const VolumeId& id) const;
    [[nodiscard]] ports::SnapshotRecord snapshot(const SnapshotId& id) const;
    [[nodiscard]] ports::Image image(const ImageId& id) const;

    /// @throws Error  exhausted: less room than the floor on the file system of the layers
    void refuse_when_full() const;

    /// Removes layers that nothing stands on, row first and then file, until there is none.
    std::vector<LayerId> collect_unused() const;

    [[nodiscard]] ports::Layer new_layer(
        const std::optional<ports::Layer>& backing, Bytes virtual_size
    ) const;

    /// The disk of a volume that this process has attached; null when it has not.
    [[nodiscard]] std::shared_ptr<AttachedDisk> attached(const VolumeId& id);

    LayerFiles files;
    ports::Catalog& catalog;
    ports::Ledger& ledger;
    ports::Clock& clock;
    Settings settings;
    Guarded<std::map<VolumeId, std::weak_ptr<AttachedDisk>>> disks;
};

/// The volume's lock, or an error. @throws Error conflict: attached
[[nodiscard]] os::FileLock lock_volume(const LayerFiles& files, const VolumeId& id);

/// @throws Error  invalid: with every problem
void require_good_tags(const ports::Tags& tags);
void require_accounts(const std::vector<std::string>& accounts, std::string_view where);

}  // namespace kiln::local
