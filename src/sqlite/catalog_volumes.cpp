#include "sqlite/catalog.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::VolumeRecord;
using ports::VolumeState;

namespace {

VolumeState volume_state(std::string_view word) {
    using enum VolumeState;
    for (const auto state : {creating, available, in_use, deleting}) {
        if (to_string(state) == word) {
            return state;
        }
    }
    throw Error{ErrorKind::corrupt, fmt::format("a volume has an unknown state, '{}'", word)};
}

std::vector<VolumeRecord> read_volumes(Database& database, const Conditions& conditions) {
    auto tags = read_tags(database, "volumes", conditions);
    std::vector<VolumeRecord> volumes;
    auto row = database.query(fmt::format(
        "SELECT id, zone, size_bytes, snapshot, state, created_us, layer FROM volumes{} "
        "ORDER BY created_us, id",
        conditions.where()
    ));
    conditions.bind_to(row);
    while (row.next()) {
        volumes.push_back({
            .volume =
                {
                    .id = row.get<VolumeId>(0),
                    .zone = row.get<std::string>(1),
                    .size = row.get<Bytes>(2),
                    .snapshot = row.get<std::optional<SnapshotId>>(3),
                    .state = volume_state(row.text(4)),
                    .created = row.get<TimePoint>(5),
                    .tags = take(tags, row.get<std::string>(0)),
                },
            .layer = row.get<std::optional<LayerId>>(6),
        });
    }
    return volumes;
}

}  // namespace

void SqliteCatalog::put_volume(const VolumeRecord& record) {
    const auto& volume = record.volume;
    store_.write([&](Database& database) {
        if (record.layer) {
            require(database, "layers", "layer", record.layer->str());
        }
        if (volume.snapshot) {
            require(database, "snapshots", "snapshot", volume.snapshot->str());
        }
        const auto inserted = database.run(
            "INSERT INTO volumes (id, layer, zone, size_bytes, snapshot, state, created_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
            volume.id,
            record.layer,
            volume.zone,
            volume.size,
            volume.snapshot,
            to_string(volume.state),
            volume.created
        );
        if (inserted == 0) {
            throw Error{ErrorKind::conflict, fmt::format("{} exists already", volume.id.str())};
        }
        insert_tags(database, volume.id.str(), volume.tags);
    });
}

void SqliteCatalog::update_volume(
    const VolumeId& id, VolumeState state, const std::optional<ports::Layer>& new_layer
) {
    store_.write([&](Database& database) {
        require(database, "volumes", "volume", id.str());
        if (new_layer) {
            insert_layer(database, *new_layer);
            database.run("UPDATE volumes SET layer = $1 WHERE id = $2", new_layer->id, id);
        }
        database.run("UPDATE volumes SET state = $1 WHERE id = $2", to_string(state), id);
    });
}

std::optional<VolumeRecord> SqliteCatalog::volume(const VolumeId& id) {
    return store_.read([&](Database& database) -> std::optional<VolumeRecord> {
        Conditions conditions;
        conditions.one_of("id", {id.str()});
        auto found = read_volumes(database, conditions);
        return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
    });
}

std::vector<VolumeRecord> SqliteCatalog::volumes() {
    return store_.read([](Database& database) { return read_volumes(database, {}); });
}

void SqliteCatalog::remove_volume(const VolumeId& id) {
    store_.write([&](Database& database) {
        database.run("DELETE FROM volumes WHERE id = $1", id);
        remove_tags_and_shares(database, id.str());
    });
}

}  // namespace kiln::sqlite
