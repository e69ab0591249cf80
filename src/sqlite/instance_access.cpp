#include "ports/instance_rules.hpp"
#include "sqlite/catalog_rows.hpp"
#include "sqlite/instance_rows.hpp"
#include "sqlite/instance_store.hpp"
#include "sqlite/rows.hpp"

namespace kiln::sqlite {

namespace {

ports::KeyPair read_key(const Statement& row) {
    return {
        .name = row.get<std::string>(0),
        .public_key = row.get<std::string>(1),
        .fingerprint = row.get<std::string>(2),
        .created = row.get<TimePoint>(3)};
}

}  // namespace

bool SqliteKeyPairStore::add(const ports::KeyPair& key) {
    return store_.write([&](Database& database) {
        return database.run(
                   "INSERT INTO key_pairs (name, public_key, fingerprint, created_us) "
                   "VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
                   key.name,
                   key.public_key,
                   key.fingerprint,
                   key.created
               ) == 1;
    });
}

std::vector<ports::KeyPair> SqliteKeyPairStore::list() {
    return store_.read([](Database& database) {
        return all_of(
            database.query(
                "SELECT name, public_key, fingerprint, created_us FROM key_pairs ORDER BY name"
            ),
            read_key
        );
    });
}

void SqliteKeyPairStore::remove(const std::string& name) {
    store_.write([&](Database& database) {
        database.run("DELETE FROM key_pairs WHERE name = $1", name);
    });
}

bool SqliteSecurityGroupStore::add(const ports::SecurityGroup& group) {
    return store_.write([&](Database& database) {
        const bool added = database.run(
                               "INSERT INTO security_groups (id, name, description, ingress) "
                               "VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
                               group.id,
                               group.name,
                               group.description,
                               rules_text(group.ingress)
                           ) == 1;
        if (added) {
            insert_tags(database, group.id, group.tags);
        }
        return added;
    });
}

std::vector<ports::SecurityGroup> SqliteSecurityGroupStore::list() {
    return store_.read([](Database& database) {
        auto tags = read_tags(database, "security_groups", {});
        std::vector<ports::SecurityGroup> groups;
        auto row = database.query(
            "SELECT id, name, description, ingress FROM security_groups ORDER BY name"
        );
        while (row.next()) {
            groups.push_back(
                {row.get<std::string>(0),
                 row.get<std::string>(1),
                 row.get<std::string>(2),
                 read_rules(row.get<json::value>(3)),
                 take(tags, row.get<std::string>(0))}
            );
        }
        return groups;
    });
}

std::optional<InstanceId> SqliteSecurityGroupStore::remove(const std::string& id) {
    return store_.write([&](Database& database) -> std::optional<InstanceId> {
        auto row = database.query(
            "SELECT id, place, revision, state, client_token, private_ip, facts FROM instances "
            "WHERE state != 'terminated'"
        );
        while (row.next()) {
            const auto record = read_instance(row);
            const auto& groups = record.instance.security_groups;
            if (std::find(groups.begin(), groups.end(), id) != groups.end()) {
                return record.instance.id;
            }
        }
        database.run("DELETE FROM security_groups WHERE id = $1", id);
        remove_tags_and_shares(database, id);
        return std::nullopt;
    });
}

}  // namespace kiln::sqlite
