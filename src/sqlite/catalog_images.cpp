#include "sqlite/catalog.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::Image;
using ports::ImageState;

namespace {

ImageState image_state(std::string_view word) {
    using enum ImageState;
    for (const auto state : {pending, available, failed}) {
        if (to_string(state) == word) {
            return state;
        }
    }
    throw Error{ErrorKind::corrupt, fmt::format("an image has an unknown state, '{}'", word)};
}

Conditions conditions_of(const ports::ImageFilter& filter) {
    Conditions conditions;
    std::vector<std::string> ids;
    for (const auto& id : filter.ids) {
        ids.push_back(id.str());
    }
    conditions.one_of("id", ids);
    conditions.like_one_of("name", filter.names);
    conditions.like_one_of("owner", filter.owners);
    conditions.like_one_of("architecture", filter.architectures);
    conditions.like_one_of("state", filter.states);
    for (const auto& [key, values] : filter.tags) {
        conditions.tagged("id", key, values);
    }
    return conditions;
}

Image read_image(const Statement& row) {
    return {
        .id = row.get<ImageId>(0),
        .name = row.get<std::string>(1),
        .description = row.get<std::string>(2),
        .architecture = row.get<std::string>(3),
        .owner = row.get<std::string>(4),
        .state = image_state(row.text(5)),
        .root_snapshot = row.get<SnapshotId>(6),
        .size = row.get<Bytes>(7),
        .created = row.get<TimePoint>(8),
        .parent = row.get<std::optional<ImageId>>(9),
        .bake = row.get<std::optional<BakeId>>(10),
        .bake_key = row.get<std::string>(11),
        .tags = {},
        .shared_with = {},
    };
}

/// @throws Error  conflict: another image has the name
void require_free_name(Database& database, const std::string& name, const ImageId& for_image) {
    auto row =
        database.query("SELECT id FROM images WHERE name = $1 AND id <> $2", name, for_image);
    if (row.next()) {
        throw Error{
            ErrorKind::conflict, fmt::format("the name '{}' is taken by {}", name, row.text(0))}
            .hint("choose another name, or rename or remove that image first");
    }
}

void insert_image(Database& database, const Image& image) {
    const auto inserted = database.run(
        "INSERT INTO images (id, name, description, architecture, owner, state, root_snapshot, "
        "size_bytes, parent, bake, bake_key, created_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
        image.id,
        image.name,
        image.description,
        image.architecture,
        image.owner,
        to_string(image.state),
        image.root_snapshot,
        image.size,
        image.parent,
        image.bake,
        image.bake_key,
        image.created
    );
    if (inserted == 0) {
        throw Error{ErrorKind::conflict, fmt::format("{} exists already", image.id.str())};
    }
}

}  // namespace

void SqliteCatalog::put_image(const Image& image) {
    store_.write([&](Database& database) {
        require(database, "snapshots", "snapshot", image.root_snapshot.str());
        require_free_name(database, image.name, image.id);
        insert_image(database, image);
        insert_tags(database, image.id.str(), image.tags);
        insert_shares(database, image.id.str(), image.shared_with);
    });
}

std::vector<Image> SqliteCatalog::images(const ports::ImageFilter& filter) {
    const auto conditions = conditions_of(filter);
    return store_.read([&](Database& database) {
        auto tags = read_tags(database, "images", conditions);
        auto shares = read_shares(database, "images", conditions);
        std::vector<Image> images;
        auto row = database.query(fmt::format(
            "SELECT id, name, description, architecture, owner, state, root_snapshot, size_bytes, "
            "created_us, parent, bake, bake_key FROM images{} ORDER BY created_us DESC, id DESC",
            conditions.where()
        ));
        conditions.bind_to(row);
        while (row.next()) {
            auto image = read_image(row);
            image.tags = take(tags, image.id.str());
            image.shared_with = take(shares, image.id.str());
            if (ports::matches(filter, image)) {
                images.push_back(std::move(image));
            }
        }
        return images;
    });
}

void SqliteCatalog::rename_image(const ImageId& id, const std::string& name) {
    store_.write([&](Database& database) {
        require(database, "images", "image", id.str());
        require_free_name(database, name, id);
        database.run("UPDATE images SET name = $1 WHERE id = $2", name, id);
    });
}

void SqliteCatalog::remove_image(const ImageId& id) {
    store_.write([&](Database& database) {
        database.run("DELETE FROM images WHERE id = $1", id);
        remove_tags_and_shares(database, id.str());
    });
}

}  // namespace kiln::sqlite
