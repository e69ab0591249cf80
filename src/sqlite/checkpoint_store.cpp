#include "sqlite/checkpoint_store.hpp"

#include "base/log.hpp"

namespace kiln::sqlite {

using ports::Checkpoint;

namespace {

Checkpoint read_checkpoint(const Statement& row) {
    return {
        .key = row.get<std::string>(0),
        .snapshot = row.get<SnapshotId>(1),
        .commands = row.get<std::size_t>(2),
        .stored = row.get<Bytes>(3),
        .created = row.get<TimePoint>(4),
        .used = row.get<TimePoint>(5),
        .bake = row.get<std::optional<BakeId>>(6),
    };
}

}  // namespace

bool SqliteCheckpointStore::put(const Checkpoint& checkpoint) {
    return store_.write([&](Database& database) {
        const auto inserted = database.run(
            "INSERT INTO checkpoints "
            "(key, snapshot, commands, stored_bytes, created_us, used_us, bake) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING",
            checkpoint.key,
            checkpoint.snapshot,
            checkpoint.commands,
            checkpoint.stored,
            checkpoint.created,
            checkpoint.used,
            checkpoint.bake
        );
        return inserted == 1;
    });
}

std::optional<Checkpoint> SqliteCheckpointStore::find_longest(
    const std::vector<std::string>& keys, TimePoint now
) {
    auto found = store_.read([&](Database& database) {
        std::optional<Checkpoint> longest;
        for (const auto& key : keys) {
            auto row = database.query(
                "SELECT key, snapshot, commands, stored_bytes, created_us, used_us, bake "
                "FROM checkpoints WHERE key = $1",
                key
            );
            if (row.next() && (!longest || row.get<std::size_t>(2) > longest->commands)) {
                longest = read_checkpoint(row);
            }
        }
        return longest;
    });
    if (found) {
        mark_used(found->key, now);
        found->used = std::max(found->used, now);
    }
    return found;
}

void SqliteCheckpointStore::mark_used(const std::string& key, TimePoint now) {
    auto mark = store_.writer().submit([key, now](Database& database) {
        database.run(
            "UPDATE checkpoints SET used_us = $1 WHERE key = $2 AND used_us < $1", now, key
        );
    });
    *marking_.lock() = std::move(mark);
}

std::vector<Checkpoint> SqliteCheckpointStore::list() {
    {
        auto marking = marking_.lock();
        if (marking->valid()) {
            try {
                marking->get();
            } catch (const std::exception& error) {
                log_debug("store: a checkpoint's use was not noted", {{"why", error.what()}});
            }
        }
    }
    return store_.read([](Database& database) {
        std::vector<Checkpoint> checkpoints;
        auto row = database.query(
            "SELECT key, snapshot, commands, stored_bytes, created_us, used_us, bake "
            "FROM checkpoints ORDER BY used_us, key"
        );
        while (row.next()) {
            checkpoints.push_back(read_checkpoint(row));
        }
        return checkpoints;
    });
}

void SqliteCheckpointStore::remove(const std::string& key) {
    store_.write([&](Database& database) {
        database.run("DELETE FROM checkpoints WHERE key = $1", key);
    });
}

}  // namespace kiln::sqlite
