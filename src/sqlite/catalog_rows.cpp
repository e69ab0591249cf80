#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::Layer;

void require(
    Database& database, std::string_view table, std::string_view what, const std::string& id
) {
    if (!database.query(fmt::format("SELECT 1 FROM {} WHERE id = $1", table), id).next()) {
        throw Error{ErrorKind::not_found, fmt::format("no {} {}", what, id)};
    }
}

Layer read_layer(const Statement& row) {
    return {
        .id = row.get<LayerId>(0),
        .backing = row.get<std::optional<LayerId>>(1),
        .virtual_size = row.get<Bytes>(2),
        .frozen = row.get<bool>(3),
        .depth = row.get<std::size_t>(4),
        .created = row.get<TimePoint>(5),
    };
}

std::optional<Layer> find_layer(Database& database, const LayerId& id) {
    auto row = database.query(
        "SELECT id, backing, virtual_bytes, frozen, depth, created_us FROM layers WHERE id = $1", id
    );
    if (!row.next()) {
        return std::nullopt;
    }
    return read_layer(row);
}

void insert_layer(Database& database, const Layer& layer) {
    std::size_t depth = 1;
    if (layer.backing) {
        require(database, "layers", "layer", layer.backing->str());
        depth += find_layer(database, *layer.backing)->depth;
    }
    const auto inserted = database.run(
        "INSERT INTO layers (id, backing, virtual_bytes, frozen, depth, created_us) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        layer.id,
        layer.backing,
        layer.virtual_size,
        layer.frozen,
        depth,
        layer.created
    );
    if (inserted == 0) {
        throw Error{ErrorKind::conflict, fmt::format("layer {} exists already", layer.id.str())};
    }
}

void insert_tags(Database& database, const std::string& resource, const ports::Tags& tags) {
    for (const auto& [key, value] : tags) {
        database.run(
            "INSERT INTO tags (resource, key, value) VALUES ($1, $2, $3) "
            "ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value",
            resource,
            key,
            value
        );
    }
}

void insert_shares(
    Database& database, const std::string& resource, const std::vector<std::string>& accounts
) {
    for (const auto& account : accounts) {
        database.run(
            "INSERT INTO shares (resource, account) VALUES ($1, $2) "
            "ON CONFLICT (resource, account) DO NOTHING",
            resource,
            account
        );
    }
}

void remove_tags_and_shares(Database& database, const std::string& resource) {
    database.run("DELETE FROM tags WHERE resource = $1", resource);
    database.run("DELETE FROM shares WHERE resource = $1", resource);
}

TagsOf read_tags(Database& database, std::string_view table, const Conditions& conditions) {
    TagsOf tags;
    auto row = database.query(fmt::format(
        "SELECT resource, key, value FROM tags WHERE resource IN (SELECT id FROM {}{})",
        table,
        conditions.where()
    ));
    conditions.bind_to(row);
    while (row.next()) {
        tags[row.get<std::string>(0)].emplace(row.text(1), row.text(2));
    }
    return tags;
}

SharesOf read_shares(Database& database, std::string_view table, const Conditions& conditions) {
    SharesOf shares;
    auto row = database.query(fmt::format(
        "SELECT resource, account FROM shares WHERE resource IN (SELECT id FROM {}{}) "
        "ORDER BY resource, account",
        table,
        conditions.where()
    ));
    conditions.bind_to(row);
    while (row.next()) {
        shares[row.get<std::string>(0)].emplace_back(row.text(1));
    }
    return shares;
}

}  // namespace kiln::sqlite
