#pragma once

#include "ports/testing/memory_ledger.hpp"
#include "ports/volume_cache.hpp"

namespace kiln::ports::testing {

/// A volume cache in memory. Its hand-overs are atomic for whoever asks the cache; the ledger is
/// changed under the cache's lock.
class MemoryVolumeCache final : public VolumeCache {
  public:
    /// `ledger` outlives this.
    explicit MemoryVolumeCache(MemoryLedger& ledger) : ledger_{ledger} {}

    void put(const JobId& from, const CachedVolume& volume) override;
    [[nodiscard]] std::optional<CachedVolume> claim(
        const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& size
    ) override;
    bool take(const JobId& to, const VolumeId& volume) override;
    [[nodiscard]] std::vector<CachedVolume> list() override;
    void hand_over(const JobId& from, const JobId& to) override;

  private:
    MemoryLedger& ledger_;
    Guarded<std::vector<CachedVolume>> volumes_;  ///< in the order in which they came
};

}  // namespace kiln::ports::testing
