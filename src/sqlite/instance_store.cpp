#include "sqlite/instance_store.hpp"

#include "ports/instance_rules.hpp"
#include "ports/ledger.hpp"
#include "sqlite/catalog_rows.hpp"
#include "sqlite/instance_rows.hpp"

#include <set>

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::InstanceRecord;

namespace {

constexpr std::string_view kColumns =
    "SELECT id, place, revision, state, client_token, private_ip, facts FROM instances";

std::vector<InstanceRecord> by_token(Database& database, const std::string& token) {
    std::vector<InstanceRecord> found;
    auto row =
        database.query(fmt::format("{} WHERE client_token = $1 ORDER BY place", kColumns), token);
    while (row.next()) {
        found.push_back(read_instance(row));
    }
    return found;
}

void read_tags_of(Database& database, ports::Instance& instance) {
    auto row = database.query("SELECT key, value FROM tags WHERE resource = $1", instance.id.str());
    while (row.next()) {
        instance.tags.emplace(row.text(0), row.text(1));
    }
}

bool there(Database& database, const std::string& sql, const std::string& value) {
    auto row = database.query(sql, value);
    return row.next();
}

/// @throws Error  not_found
void require_named(Database& database, const ports::Instance& instance) {
    if (!instance.key_name.empty() &&
        !there(database, "SELECT 1 FROM key_pairs WHERE name = $1", instance.key_name)) {
        throw Error{ErrorKind::not_found, fmt::format("there is no key '{}'", instance.key_name)};
    }
    for (const auto& group : instance.security_groups) {
        if (!there(database, "SELECT 1 FROM security_groups WHERE id = $1", group)) {
            throw Error{
                ErrorKind::not_found, fmt::format("there is no security group '{}'", group)};
        }
    }
}

/// Gives each an address that no other has.
void give_addresses(
    Database& database, std::vector<InstanceRecord>& records, const ports::AddressRange& range
) {
    std::set<std::string> taken;
    auto row = database.query("SELECT private_ip FROM instances WHERE state != 'terminated'");
    while (row.next()) {
        taken.insert(row.get<std::string>(0));
    }
    int number = range.first;
    for (auto& record : records) {
        auto& address = record.instance.private_ip;
        for (address.clear(); address.empty(); ++number) {
            if (number > range.last) {
                throw Error{ErrorKind::exhausted, "no address is left for another instance"}.hint(
                    "kiln instance list; kiln instance terminate ID"
                );
            }
            auto free = range.base + std::to_string(number);
            if (!taken.contains(free)) {
                address = std::move(free);
            }
        }
    }
}

}  // namespace

std::vector<InstanceRecord> SqliteInstanceStore::add(
    const JobId& from, std::vector<InstanceRecord> records, const ports::AddressRange& range
) {
    return store_.write([&](Database& database) {
        const auto& first = records.front();
        if (const auto& token = first.instance.client_token; !token.empty()) {
            auto known = by_token(database, token);
            if (!known.empty() && known.front().request != first.request) {
                throw Error{
                    ErrorKind::conflict,
                    fmt::format("the client token '{}' stands for another request", token)};
            }
            if (!known.empty()) {
                for (auto& record : known) {
                    read_tags_of(database, record.instance);
                }
                return known;
            }
        }
        require_named(database, first.instance);
        auto fresh = records;
        give_addresses(database, fresh, range);
        auto place = database.number("SELECT coalesce(max(place), 0) FROM instances");
        for (auto& record : fresh) {
            record.place = ++place;
            record.revision = 1;
            insert_instance(database, record);
            database.run(
                "DELETE FROM ledger WHERE job = $1 AND kind = $2 AND name = $3",
                from,
                to_string(ports::ResourceKind::volume),
                record.instance.root_volume.str()
            );
        }
        database.run(
            "DELETE FROM ledger WHERE job = $1 AND kind = $2",
            from,
            to_string(ports::ResourceKind::layer)
        );
        return fresh;
    });
}

std::optional<InstanceRecord> SqliteInstanceStore::find(const InstanceId& id) {
    return store_.read([&](Database& database) -> std::optional<InstanceRecord> {
        auto row = database.query(fmt::format("{} WHERE id = $1", kColumns), id);
        if (!row.next()) {
            return std::nullopt;
        }
        auto record = read_instance(row);
        read_tags_of(database, record.instance);
        return record;
    });
}

std::vector<InstanceRecord> SqliteInstanceStore::list(const ports::InstanceFilter& filter) {
    Conditions conditions;
    std::vector<std::string> ids;
    for (const auto& id : filter.ids) {
        ids.push_back(id.str());
    }
    conditions.one_of("id", ids);
    if (!filter.client_token.empty()) {
        conditions.one_of("client_token", {filter.client_token});
    }
    for (const auto& [key, values] : filter.tags) {
        conditions.tagged("id", key, values);
    }
    return store_.read([&](Database& database) {
        auto tags = read_tags(database, "instances", conditions);
        auto row =
            database.query(fmt::format("{}{} ORDER BY place DESC", kColumns, conditions.where()));
        conditions.bind_to(row);
        std::vector<InstanceRecord> found;
        while (row.next()) {
            auto record = read_instance(row);
            record.instance.tags = take(tags, record.instance.id.str());
            if (ports::matches(filter, record.instance)) {
                found.push_back(std::move(record));
            }
        }
        return found;
    });
}

bool SqliteInstanceStore::replace(const InstanceRecord& record) {
    return store_.write([&](Database& database) {
        return database.run(
                   "UPDATE instances SET revision = revision + 1, state = $1, facts = $2 "
                   "WHERE id = $3 AND revision = $4",
                   ports::to_string(record.instance.state),
                   instance_facts(record),
                   record.instance.id,
                   record.revision
               ) == 1;
    });
}

void SqliteInstanceStore::remove(const std::vector<InstanceId>& ids) {
    store_.write([&](Database& database) {
        for (const auto& id : ids) {
            database.run("DELETE FROM instances WHERE id = $1", id);
            remove_tags_and_shares(database, id.str());
        }
    });
}

}  // namespace kiln::sqlite
