#include "sqlite/catalog.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::Layer;

namespace {

/// What stands on the layer, in words; nullopt when nothing does.
std::optional<std::string> user_of(Database& database, const LayerId& id) {
    auto row = database.query(
        "SELECT 'layer ' || id FROM layers WHERE backing = $1 "
        "UNION ALL SELECT 'snapshot ' || id FROM snapshots WHERE layer = $1 "
        "UNION ALL SELECT 'volume ' || id FROM volumes WHERE layer = $1 LIMIT 1",
        id
    );
    return row.next() ? std::optional{row.get<std::string>(0)} : std::nullopt;
}

bool stands_on(Database& database, const LayerId& upper, const LayerId& lower) {
    return database
        .query(
            "WITH RECURSIVE below (id, backing) AS ("
            "SELECT id, backing FROM layers WHERE id = $1 "
            "UNION SELECT l.id, l.backing FROM layers l JOIN below b ON l.id = b.backing) "
            "SELECT 1 FROM below WHERE id = $2",
            upper,
            lower
        )
        .next();
}

}  // namespace

void SqliteCatalog::put_layer(const Layer& layer) {
    store_.write([&](Database& database) { insert_layer(database, layer); });
}

std::optional<Layer> SqliteCatalog::layer(const LayerId& id) {
    return store_.read([&](Database& database) { return find_layer(database, id); });
}

std::vector<Layer> SqliteCatalog::layers() {
    return store_.read([](Database& database) {
        std::vector<Layer> layers;
        auto row = database.query(
            "SELECT id, backing, virtual_bytes, frozen, depth, created_us FROM layers "
            "ORDER BY created_us, id"
        );
        while (row.next()) {
            layers.push_back(read_layer(row));
        }
        return layers;
    });
}

std::vector<Layer> SqliteCatalog::chain(const LayerId& top) {
    return store_.read([&](Database& database) {
        std::vector<Layer> layers;
        auto row = database.query(
            "WITH RECURSIVE chain (id, backing, virtual_bytes, frozen, depth, created_us) AS ("
            "SELECT id, backing, virtual_bytes, frozen, depth, created_us FROM layers "
            "WHERE id = $1 "
            "UNION SELECT l.id, l.backing, l.virtual_bytes, l.frozen, l.depth, l.created_us "
            "FROM layers l JOIN chain c ON l.id = c.backing) "
            "SELECT id, backing, virtual_bytes, frozen, depth, created_us FROM chain "
            "ORDER BY depth DESC",
            top
        );
        while (row.next()) {
            layers.push_back(read_layer(row));
        }
        if (layers.empty()) {
            throw Error{ErrorKind::not_found, fmt::format("no layer {}", top.str())};
        }
        return layers;
    });
}

void SqliteCatalog::rebase_layer(const LayerId& id, const std::optional<LayerId>& backing) {
    store_.write([&](Database& database) {
        const auto layer = find_layer(database, id);
        if (!layer) {
            throw Error{ErrorKind::not_found, fmt::format("no layer {}", id.str())};
        }
        std::size_t depth = 1;
        if (backing) {
            require(database, "layers", "layer", backing->str());
            if (stands_on(database, *backing, id)) {
                throw Error{
                    ErrorKind::conflict,
                    fmt::format("layer {} stands on {} itself", backing->str(), id.str())};
            }
            depth += find_layer(database, *backing)->depth;
        }
        database.run("UPDATE layers SET backing = $1 WHERE id = $2", backing, id);
        const auto change =
            static_cast<std::int64_t>(depth) - static_cast<std::int64_t>(layer->depth);
        database.run(
            "UPDATE layers SET depth = depth + $1 WHERE id IN ("
            "WITH RECURSIVE above (id) AS ("
            "SELECT id FROM layers WHERE id = $2 "
            "UNION SELECT l.id FROM layers l JOIN above a ON l.backing = a.id) "
            "SELECT id FROM above)",
            change,
            id
        );
    });
}

void SqliteCatalog::remove_layer(const LayerId& id) {
    store_.write([&](Database& database) {
        if (const auto user = user_of(database, id)) {
            throw Error{
                ErrorKind::conflict,
                fmt::format("layer {} is in use: {} stands on it", id.str(), *user)};
        }
        database.run("DELETE FROM layers WHERE id = $1", id);
    });
}

std::vector<LayerId> SqliteCatalog::unused_layers() {
    return store_.read([](Database& database) {
        std::vector<LayerId> unused;
        auto row = database.query(
            "SELECT id FROM layers l "
            "WHERE NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.layer = l.id) "
            "AND NOT EXISTS (SELECT 1 FROM volumes v WHERE v.layer = l.id) "
            "AND NOT EXISTS (SELECT 1 FROM layers u WHERE u.backing = l.id) "
            "ORDER BY id"
        );
        while (row.next()) {
            unused.push_back(row.get<LayerId>(0));
        }
        return unused;
    });
}

}  // namespace kiln::sqlite
