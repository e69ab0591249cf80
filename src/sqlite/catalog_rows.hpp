#pragma once

#include "ports/catalog.hpp"
#include "sqlite/conditions.hpp"
#include "sqlite/database.hpp"

#include <map>
#include <string>
#include <vector>

/// Steps that several parts of the catalog share. All run inside the caller's transaction.
namespace kiln::sqlite {

/// The depth is worked out from the backing layer's, the given one is not looked at.
/// @throws Error  conflict: the id is taken · not_found: the backing layer
void insert_layer(Database& database, const ports::Layer& layer);

/// The columns id, backing, virtual_bytes, frozen, depth, created_us.
[[nodiscard]] ports::Layer read_layer(const Statement& row);
[[nodiscard]] std::optional<ports::Layer> find_layer(Database& database, const LayerId& id);

/// @throws Error  not_found, naming it as `what` ("layer", "volume")
void require(
    Database& database, std::string_view table, std::string_view what, const std::string& id
);

void insert_tags(Database& database, const std::string& resource, const ports::Tags& tags);
void insert_shares(
    Database& database, const std::string& resource, const std::vector<std::string>& accounts
);
void remove_tags_and_shares(Database& database, const std::string& resource);

/// By resource. Of those in `table` that `conditions` let through: one query for all.
using TagsOf = std::unordered_map<std::string, ports::Tags>;
using SharesOf = std::unordered_map<std::string, std::vector<std::string>>;
[[nodiscard]] TagsOf read_tags(
    Database& database, std::string_view table, const Conditions& conditions
);
[[nodiscard]] SharesOf read_shares(
    Database& database, std::string_view table, const Conditions& conditions
);

/// Moves the entry out of the map, if there is one.
template <class Map>
typename Map::mapped_type take(Map& map, const std::string& resource) {
    const auto found = map.find(resource);
    return found == map.end() ? typename Map::mapped_type{} : std::move(found->second);
}

}  // namespace kiln::sqlite
