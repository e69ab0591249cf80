#pragma once

#include "ports/clock.hpp"
#include "ports/volume_cache.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// Volumes that stand ready, in the store that the ledger is in, too: so a hand-over is one commit.
/// What a job gets is written down as `holder`'s, this process.
class SqliteVolumeCache final : public ports::VolumeCache {
  public:
    /// `store` and `clock` outlive this.
    SqliteVolumeCache(Store& store, HolderId holder, const ports::Clock& clock)
        : store_{store}, holder_{std::move(holder)}, clock_{clock} {}

    void put(const JobId& from, const ports::CachedVolume& volume) override;
    [[nodiscard]] std::optional<ports::CachedVolume> claim(
        const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& size
    ) override;
    bool take(const JobId& to, const VolumeId& volume) override;
    [[nodiscard]] std::vector<ports::CachedVolume> list() override;
    void hand_over(const JobId& from, const JobId& to) override;

  private:
    /// The row goes and the ledger has the volume. @returns false: there was no such row
    bool give(Database& database, const JobId& to, const VolumeId& volume) const;

    Store& store_;
    HolderId holder_;
    const ports::Clock& clock_;
};

}  // namespace kiln::sqlite
