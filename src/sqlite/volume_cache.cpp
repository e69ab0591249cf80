#include "sqlite/volume_cache.hpp"

#include "ports/ledger.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::CachedVolume;

namespace {

CachedVolume read_volume(const Statement& row) {
    return {
        .volume = row.get<VolumeId>(0),
        .snapshot = row.get<SnapshotId>(1),
        .size = row.get<std::optional<Bytes>>(2),
        .stored = row.get<Bytes>(3),
        .why = row.get<std::string>(4),
        .since = row.get<TimePoint>(5),
    };
}

}  // namespace

void SqliteVolumeCache::put(const JobId& from, const CachedVolume& volume) {
    store_.write([&](Database& database) {
        const auto inserted = database.run(
            "INSERT INTO volume_cache (volume, snapshot, size_bytes, stored_bytes, why, since_us) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (volume) DO NOTHING",
            volume.volume,
            volume.snapshot,
            volume.size,
            volume.stored,
            volume.why,
            volume.since
        );
        if (inserted == 0) {
            throw Error{
                ErrorKind::conflict,
                fmt::format("the cache has volume {} already", volume.volume.str())};
        }
        database.run(
            "DELETE FROM ledger WHERE job = $1 AND kind IN ($2, $3)",
            from,
            to_string(ports::ResourceKind::volume),
            to_string(ports::ResourceKind::layer)
        );
    });
}

std::optional<CachedVolume> SqliteVolumeCache::claim(
    const JobId& to, const SnapshotId& snapshot, const std::optional<Bytes>& size
) {
    const auto first = [&](Database& database) -> std::optional<CachedVolume> {
        auto row = database.query(
            "SELECT volume, snapshot, size_bytes, stored_bytes, why, since_us "
            "FROM volume_cache WHERE snapshot = $1 AND COALESCE(size_bytes, -1) = COALESCE($2, -1) "
            "ORDER BY since_us, volume LIMIT 1",
            snapshot,
            size
        );
        return row.next() ? std::optional{read_volume(row)} : std::nullopt;
    };
    if (!store_.read(first)) {
        return std::nullopt;  // the usual case where nothing is kept ready: no turn at the writer
    }
    return store_.write([&](Database& database) {
        auto found = first(database);
        if (found) {
            (void)give(database, to, found->volume);
        }
        return found;
    });
}

bool SqliteVolumeCache::take(const JobId& to, const VolumeId& volume) {
    return store_.write([&](Database& database) { return give(database, to, volume); });
}

bool SqliteVolumeCache::give(Database& database, const JobId& to, const VolumeId& volume) const {
    if (database.run("DELETE FROM volume_cache WHERE volume = $1", volume) == 0) {
        return false;
    }
    database.run(
        "INSERT INTO ledger (sequence, kind, name, job, holder, since_us) "
        "SELECT COALESCE(MAX(sequence), 0) + 1, $1, $2, $3, $4, $5 FROM ledger",
        to_string(ports::ResourceKind::volume),
        volume,
        to,
        holder_,
        clock_.now()
    );
    return true;
}

std::vector<CachedVolume> SqliteVolumeCache::list() {
    return store_.read([](Database& database) {
        std::vector<CachedVolume> volumes;
        auto row = database.query(
            "SELECT volume, snapshot, size_bytes, stored_bytes, why, since_us "
            "FROM volume_cache ORDER BY since_us, volume"
        );
        while (row.next()) {
            volumes.push_back(read_volume(row));
        }
        return volumes;
    });
}

void SqliteVolumeCache::hand_over(const JobId& from, const JobId& to) {
    store_.write([&](Database& database) {
        // Adding the highest number keeps the order and makes each number one that nobody has.
        const auto highest = database.number("SELECT COALESCE(MAX(sequence), 0) FROM ledger");
        database.run(
            "UPDATE ledger SET job = $1, sequence = sequence + $2 WHERE job = $3", to, highest, from
        );
    });
}

}  // namespace kiln::sqlite
