#include "sqlite/catalog.hpp"
#include "sqlite/catalog_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

namespace {

enum class Sharing { no, yes };

/// Where a resource of that id stands, if it is one.
struct Kind {
    std::string_view prefix, table, what;
    Sharing sharing;
};

constexpr std::array kKinds{
    Kind{id_kind::Image::prefix, "images", "image", Sharing::yes},
    Kind{id_kind::Snapshot::prefix, "snapshots", "snapshot", Sharing::yes},
    Kind{id_kind::Volume::prefix, "volumes", "volume", Sharing::no},
    Kind{id_kind::Instance::prefix, "instances", "instance", Sharing::no},
};

/// @throws Error  not_found
const Kind& require_resource(Database& database, const std::string& resource) {
    for (const auto& kind : kKinds) {
        if (is_id(kind.prefix, resource)) {
            require(database, kind.table, kind.what, resource);
            return kind;
        }
    }
    throw Error{
        ErrorKind::not_found,
        fmt::format("'{}' is no image, snapshot, volume or instance", resource)}
        .hint("ids look like ami-…, snap-…, vol-… or i-…");
}

}  // namespace

void SqliteCatalog::set_tags(const std::string& resource, const ports::Tags& tags) {
    store_.write([&](Database& database) {
        (void)require_resource(database, resource);
        insert_tags(database, resource, tags);
        // Two callers may each stay below the limit: it is checked on what both have left.
        ports::Tags all;
        auto row = database.query("SELECT key, value FROM tags WHERE resource = $1", resource);
        while (row.next()) {
            all.emplace(row.text(0), row.text(1));
        }
        if (auto problems = ports::tag_problems(all, resource); !problems.empty()) {
            throw Error{"tags over the limits", std::move(problems)};
        }
    });
}

void SqliteCatalog::unset_tags(const std::string& resource, const std::vector<std::string>& keys) {
    store_.write([&](Database& database) {
        (void)require_resource(database, resource);
        for (const auto& key : keys) {
            database.run("DELETE FROM tags WHERE resource = $1 AND key = $2", resource, key);
        }
    });
}

void SqliteCatalog::share(
    const std::string& resource,
    const std::vector<std::string>& add,
    const std::vector<std::string>& remove
) {
    store_.write([&](Database& database) {
        if (require_resource(database, resource).sharing == Sharing::no) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("{}: only images and snapshots are shared", resource)};
        }
        insert_shares(database, resource, add);
        for (const auto& account : remove) {
            database.run(
                "DELETE FROM shares WHERE resource = $1 AND account = $2", resource, account
            );
        }
    });
}

}  // namespace kiln::sqlite
