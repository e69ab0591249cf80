#include "sqlite/bake_store.hpp"

#include "ports/cloud.hpp"
#include "sqlite/conditions.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::BakeEvent;
using ports::BakeRecord;
using ports::BakeState;

namespace {

constexpr std::string_view kSelect =
    "SELECT id, key, name, state, holder, job, parent, image, request, result, created_us, "
    "ended_us "
    "FROM bakes";

BakeRecord read_bake(const Statement& row) {
    return {
        .id = row.get<BakeId>(0),
        .key = row.get<std::string>(1),
        .name = row.get<std::string>(2),
        .state = ports::bake_state(row.text(3)),
        .holder = row.get<HolderId>(4),
        .job = row.get<JobId>(5),
        .parent = row.get<ImageId>(6),
        .image = row.get<std::optional<ImageId>>(7),
        .request = row.get<json::value>(8),
        .result = row.get<json::value>(9),
        .created = row.get<TimePoint>(10),
        .ended = row.get<std::optional<TimePoint>>(11),
    };
}

std::optional<BakeRecord> first(Statement row) {
    return row.next() ? std::optional{read_bake(row)} : std::nullopt;
}

std::optional<BakeRecord> find_joinable(Database& database, const std::string& key, bool force) {
    auto running =
        first(database.query(fmt::format("{} WHERE key = $1 AND state = 'running'", kSelect), key));
    if (running || force) {
        return running;
    }
    return first(database.query(
        fmt::format(
            "{} WHERE key = $1 AND state = 'succeeded' ORDER BY created_us DESC, id DESC LIMIT 1",
            kSelect
        ),
        key
    ));
}

void insert_bake(Database& database, const BakeRecord& record) {
    const auto inserted = database.run(
        "INSERT INTO bakes (id, key, name, state, holder, job, parent, image, request, result, "
        "created_us, ended_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (id) DO NOTHING",
        record.id,
        record.key,
        record.name,
        to_string(record.state),
        record.holder,
        record.job,
        record.parent,
        record.image,
        record.request,
        record.result,
        record.created,
        record.ended
    );
    if (inserted == 0) {
        throw Error{ErrorKind::conflict, fmt::format("{} exists already", record.id.str())};
    }
}

void check_running(Database& database, const BakeId& id) {
    auto row = database.query("SELECT state FROM bakes WHERE id = $1", id);
    if (!row.next()) {
        throw Error{ErrorKind::not_found, fmt::format("no bake {}", id.str())};
    }
    if (row.text(0) != to_string(BakeState::running)) {
        throw Error{
            ErrorKind::conflict, fmt::format("{} is over already: {}", id.str(), row.text(0))};
    }
}

void insert_event(Database& database, const BakeId& id, const BakeEvent& event) {
    const auto inserted = database.run(
        "INSERT INTO bake_events (bake, sequence, category, time_us, step, message, data, final) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (bake, sequence) DO NOTHING",
        id,
        event.sequence,
        event.category,
        event.time,
        event.step,
        event.message,
        event.data,
        event.final
    );
    if (inserted == 0) {
        throw Error{
            ErrorKind::conflict,
            fmt::format("{} has an event {} already", id.str(), event.sequence)};
    }
}

}  // namespace

ports::BakeStore::Begun SqliteBakeStore::begin(const BakeRecord& record, bool force) {
    // Most often there is nothing to write: the answer comes without a sync.
    auto found =
        store_.read([&](Database& database) { return find_joinable(database, record.key, force); });
    if (found) {
        return {std::move(*found), false};
    }
    return store_.write([&](Database& database) -> Begun {
        if (auto other = find_joinable(database, record.key, force)) {
            return {std::move(*other), false};
        }
        insert_bake(database, record);
        return {record, true};
    });
}

void SqliteBakeStore::append(
    const BakeId& id, const std::vector<BakeEvent>& events, const std::optional<Ending>& ended
) {
    store_.write([&](Database& database) {
        check_running(database, id);
        for (const auto& event : events) {
            insert_event(database, id, event);
        }
        if (ended) {
            database.run(
                "UPDATE bakes SET state = $1, image = $2, result = $3, ended_us = $4 WHERE id = $5",
                to_string(ended->state),
                ended->image,
                ended->result,
                ended->at,
                id
            );
        }
    });
}

BakeRecord SqliteBakeStore::get(const BakeId& id) {
    auto found = store_.read([&](Database& database) {
        return first(database.query(fmt::format("{} WHERE id = $1", kSelect), id));
    });
    if (!found) {
        throw Error{ErrorKind::not_found, fmt::format("no bake {}", id.str())}.hint(
            "`kiln bake list` shows those that are known"
        );
    }
    return std::move(*found);
}

std::vector<BakeRecord> SqliteBakeStore::list(const ports::BakeFilter& filter) {
    Conditions conditions;
    if (filter.state) {
        conditions.one_of("state", {std::string{to_string(*filter.state)}});
    }
    if (filter.name) {
        conditions.like_one_of("name", {*filter.name});
    }
    return store_.read([&](Database& database) {
        std::vector<BakeRecord> bakes;
        auto row = database.query(
            fmt::format("{}{} ORDER BY created_us DESC, id DESC", kSelect, conditions.where())
        );
        conditions.bind_to(row);
        while (bakes.size() < filter.limit && row.next()) {
            if (!filter.name || ports::wildcard_match(*filter.name, row.text(2))) {
                bakes.push_back(read_bake(row));
            }
        }
        return bakes;
    });
}

std::vector<BakeEvent> SqliteBakeStore::events(
    const BakeId& id, std::int64_t after, std::size_t limit
) {
    return store_.read([&](Database& database) {
        std::vector<BakeEvent> events;
        auto row = database.query(
            "SELECT sequence, category, time_us, step, message, data, final FROM bake_events "
            "WHERE bake = $1 AND sequence > $2 ORDER BY sequence",
            id,
            after
        );
        while (events.size() < limit && row.next()) {
            events.push_back({
                .sequence = row.get<std::int64_t>(0),
                .category = row.get<std::string>(1),
                .time = row.get<TimePoint>(2),
                .step = row.get<std::string>(3),
                .message = row.get<std::string>(4),
                .data = row.get<json::value>(5),
                .final = row.get<bool>(6),
            });
        }
        return events;
    });
}

std::size_t SqliteBakeStore::forget(const std::vector<BakeId>& ids) {
    return store_.write([&](Database& database) {
        std::size_t gone = 0;
        for (const auto& id : ids) {
            gone += static_cast<std::size_t>(
                database.run("DELETE FROM bakes WHERE id = $1 AND ended_us IS NOT NULL", id)
            );
        }
        return gone;
    });
}

}  // namespace kiln::sqlite
