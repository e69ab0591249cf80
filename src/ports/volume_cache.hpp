#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

#include <optional>
#include <string>
#include <vector>

/// Volumes that stand ready for the next bake.
namespace kiln::ports {

/// A volume of a snapshot that nobody has written to, waiting for a bake that asks for just that.
struct CachedVolume {
    VolumeId volume;
    SnapshotId snapshot;
    std::optional<Bytes> size;  ///< as a request asks for it; none: the snapshot's own
    Bytes stored;               ///< what it alone takes on disk
    std::string why;            ///< why it was made, for people
    TimePoint since;

    bool operator==(const CachedVolume&) const = default;
};

/// The cache, and the hand-over of volumes between it and jobs.
///
/// A volume belongs to a job (ledger) or to the cache, at every moment to exactly one of them: each
/// hand-over is one commit, durable on return. So there is no instant at which a death could leave
/// a volume that nobody answers for, or one that two do. Safe from several threads and processes.
class VolumeCache {
  public:
    virtual ~VolumeCache() = default;

    /// The job's volume becomes the cache's: the ledger has it, and the job's layers, no longer.
    /// @throws Error  conflict: the cache has it already
    virtual void put(const JobId& from, const CachedVolume& volume) = 0;

    /// The volume of this snapshot and size that has waited longest becomes the job's: the ledger
    /// has it. Two that claim at once never get the same. nullopt: none waits.
    /// Whether the volume still exists is for the caller to see.
    [[nodiscard]] virtual std::optional<CachedVolume> claim(
        const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& size
    ) = 0;

    /// This one becomes the job's, to be removed by it. @returns false: somebody else has it
    virtual bool take(const JobId& to, const VolumeId& volume) = 0;

    /// All that wait, those that have waited longest first.
    [[nodiscard]] virtual std::vector<CachedVolume> list() = 0;

    /// Everything that the ledger has of the job `from` becomes `to`'s, as the newest of it and in
    /// its order. For a volume that is handed over with all that holds it attached.
    virtual void hand_over(const JobId& from, const JobId& to) = 0;
};

}  // namespace kiln::ports
