#pragma once

#include "local/lent_disk.hpp"
#include "local/roles.hpp"
#include "local/settings.hpp"
#include "local/shared.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::local {

/// What reconcile() found and did.
struct Reconciled {
    std::vector<LayerId> files_removed;     ///< they had no row and no live owner
    std::vector<LayerId> layers_removed;    ///< nothing stood on them
    std::vector<LayerId> layers_corrected;  ///< rewritten by a flatten that died before its row
    std::vector<VolumeId> volumes_freed;    ///< said to be in use by a process that is gone
    std::vector<LayerId> corrupt;           ///< rows whose file is gone or unreadable
};

/// The local cloud: a folder of qcow2 layers and a catalog. Safe from several threads and
/// processes. The thread that attaches a volume must outlive the attachment.
class LocalCloud {
  public:
    /// @param folder  KILN_HOME/cloud, made when missing
    LocalCloud(
        const std::filesystem::path& folder,
        ports::Catalog& catalog,
        ports::Ledger& ledger,
        ports::Clock& clock,
        Settings settings = {}
    );
    LocalCloud(LocalCloud&&) = delete;

    [[nodiscard]] ports::Cloud cloud();

    /// Lends a volume's own file to a program that opens qcow2 by itself: no daemon, no copy.
    /// @throws Error  not_found · conflict: attached or lent already · exhausted
    [[nodiscard]] LentDisk lend(const JobId& owner, const VolumeId& volume);

    /// For the sweeper: how layers, volumes, snapshots and images are undone. Idempotent.
    [[nodiscard]] std::map<ports::ResourceKind, std::function<void(const ports::Resource&)>> undo();

    /// Makes files and rows agree after crashes. Damaged layers are reported and left alone.
    /// @param alive  does the process that holds these leases still live?
    Reconciled reconcile(const std::function<bool(const HolderId&)>& alive);

    /// What reconcile() would do, without touching anything.
    [[nodiscard]] Reconciled foresee(const std::function<bool(const HolderId&)>& alive);

    /// Frozen layers of registered images that are deeper than this, lowest first.
    [[nodiscard]] std::vector<LayerId> layers_to_flatten(std::size_t max_depth = kMaxDepth);

    /// Rewrites a frozen layer so that it stands directly on the bottom of its chain, and removes
    /// the layers between that nobody needs. Reads as before at every moment; readers of the old
    /// file keep it. Takes seconds.
    /// @throws Error  conflict: not frozen · cancelled · exhausted
    void flatten(const JobId& job, const LayerId& id, const std::stop_token& stop);

    /// Is the layer's file sound, by `qemu-img check`? nullopt: yes; else what is wrong.
    /// Not for a layer that is being written to.
    [[nodiscard]] std::optional<std::string> check(const LayerId& id);

    /// The qcow2 file that reads as the snapshot, with its backing files beside it. Never written
    /// to.
    /// @throws Error  not_found
    [[nodiscard]] std::filesystem::path file_of(const SnapshotId& id) const;

    /// Every file that the snapshot's blocks are read from, the topmost first.
    /// @throws Error  not_found
    [[nodiscard]] std::vector<std::filesystem::path> files_of(const SnapshotId& id) const;

    /// What the volume's own layer takes on disk; 0 while it has none.
    /// @throws Error  not_found
    [[nodiscard]] Bytes stored(const VolumeId& id) const;

    /// An open of a chain this deep costs less than a fifth more than one of two layers: README.md.
    static constexpr std::size_t kMaxDepth = 16;

  private:
    Shared shared_;
    LocalVolumes volumes_;
    LocalAttachments attachments_;
    LocalSnapshots snapshots_;
    LocalImages images_;
    LocalTags tags_;
};

}  // namespace kiln::local
