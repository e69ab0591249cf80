#include "sqlite/catalog.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::SnapshotRecord;
using ports::SnapshotState;

namespace {

SnapshotState snapshot_state(std::string_view word) {
    using enum SnapshotState;
    for (const auto state : {pending, completed, error}) {
        if (to_string(state) == word) {
            return state;
        }
    }
    throw Error{ErrorKind::corrupt, fmt::format("a snapshot has an unknown state, '{}'", word)};
}

std::vector<SnapshotRecord> read_snapshots(Database& database, const Conditions& conditions) {
    auto tags = read_tags(database, "snapshots", conditions);
    auto shares = read_shares(database, "snapshots", conditions);
    std::vector<SnapshotRecord> snapshots;
    auto row = database.query(fmt::format(
        "SELECT id, size_bytes, stored_bytes, description, state, created_us, layer "
        "FROM snapshots{} ORDER BY created_us, id",
        conditions.where()
    ));
    conditions.bind_to(row);
    while (row.next()) {
        const auto id = row.get<std::string>(0);
        snapshots.push_back({
            .snapshot =
                {
                    .id = row.get<SnapshotId>(0),
                    .size = row.get<Bytes>(1),
                    .stored = row.get<Bytes>(2),
                    .description = row.get<std::string>(3),
                    .state = snapshot_state(row.text(4)),
                    .created = row.get<TimePoint>(5),
                    .tags = take(tags, id),
                    .shared_with = take(shares, id),
                },
            .layer = row.get<LayerId>(6),
        });
    }
    return snapshots;
}

void insert_snapshot(Database& database, const SnapshotRecord& record) {
    const auto& snapshot = record.snapshot;
    const auto inserted = database.run(
        "INSERT INTO snapshots "
        "(id, layer, size_bytes, stored_bytes, description, state, created_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        snapshot.id,
        record.layer,
        snapshot.size,
        snapshot.stored,
        snapshot.description,
        to_string(snapshot.state),
        snapshot.created
    );
    if (inserted == 0) {
        throw Error{ErrorKind::conflict, fmt::format("{} exists already", snapshot.id.str())};
    }
    insert_tags(database, snapshot.id.str(), snapshot.tags);
    insert_shares(database, snapshot.id.str(), snapshot.shared_with);
}

}  // namespace

void SqliteCatalog::put_snapshot(
    const SnapshotRecord& snapshot,
    const std::optional<VolumeId>& volume,
    const std::optional<ports::Layer>& new_volume_layer
) {
    store_.write([&](Database& database) {
        require(database, "layers", "layer", snapshot.layer.str());
        database.run("UPDATE layers SET frozen = 1 WHERE id = $1", snapshot.layer);
        insert_snapshot(database, snapshot);
        if (volume) {
            require(database, "volumes", "volume", volume->str());
        }
        if (volume && new_volume_layer) {
            insert_layer(database, *new_volume_layer);
            database.run(
                "UPDATE volumes SET layer = $1 WHERE id = $2", new_volume_layer->id, *volume
            );
        }
    });
}

std::optional<SnapshotRecord> SqliteCatalog::snapshot(const SnapshotId& id) {
    return store_.read([&](Database& database) -> std::optional<SnapshotRecord> {
        Conditions conditions;
        conditions.one_of("id", {id.str()});
        auto found = read_snapshots(database, conditions);
        return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
    });
}

std::vector<SnapshotRecord> SqliteCatalog::snapshots() {
    return store_.read([](Database& database) { return read_snapshots(database, {}); });
}

void SqliteCatalog::remove_snapshot(const SnapshotId& id) {
    store_.write([&](Database& database) {
        auto image =
            database.query("SELECT id, name FROM images WHERE root_snapshot = $1 LIMIT 1", id);
        if (image.next()) {
            throw Error{
                ErrorKind::conflict,
                fmt::format(
                    "{} is the root of image {} ({})", id.str(), image.text(0), image.text(1)
                )}
                .hint(fmt::format("remove the image first: kiln image rm {}", image.text(0)));
        }
        database.run("DELETE FROM snapshots WHERE id = $1", id);
        remove_tags_and_shares(database, id.str());
    });
}

}  // namespace kiln::sqlite
