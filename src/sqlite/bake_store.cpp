#include "sqlite/bake_store.hpp"

#include "ports/cloud.hpp"
#include "sqlite/conditions.hpp"
#include "sqlite/notification_store.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

using ports::BakeEvent;
using ports::BakeRecord;
using ports::BakeState;

namespace {

constexpr std::string_view kSelect =
    "SELECT id, key, name, state, holder, job, parent, image, request, result, created_us, "
    "ended_us, attempt, queue, same_as, note "
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
        .attempt = row.get<std::int64_t>(12),
        .queue = row.get<std::string>(13),
        .same_as = row.get<std::optional<BakeId>>(14),
        .note = row.get<std::string>(15),
    };
}

std::optional<BakeRecord> first(Statement row) {
    return row.next() ? std::optional{read_bake(row)} : std::nullopt;
}

std::optional<BakeRecord> find_joinable(Database& database, const BakeRecord& wanted, bool force) {
    if (wanted.same_as) {
        return std::nullopt;
    }
    auto running = first(database.query(
        fmt::format("{} WHERE key = $1 AND state = 'running' AND same_as IS NULL", kSelect),
        wanted.key
    ));
    if (running || force) {
        return running;
    }
    return first(database.query(
        fmt::format(
            "{} WHERE key = $1 AND state = 'succeeded' ORDER BY created_us DESC, id DESC LIMIT 1",
            kSelect
        ),
        wanted.key
    ));
}

/// False when the id is taken.
bool insert_bake(Database& database, const BakeRecord& record) {
    return database.run(
               "INSERT INTO bakes (id, key, name, state, holder, job, parent, image, request, "
               "result, created_us, ended_us, attempt, queue, same_as, note) VALUES ($1, $2, $3, "
               "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
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
               record.ended,
               record.attempt,
               record.queue,
               record.same_as,
               record.note
           ) == 1;
}

/// The queued record of that id begins to run. False when there is none that waits for it.
bool start_queued(Database& database, const BakeRecord& record) {
    return database.run(
               "UPDATE bakes SET state = $1, key = $2, name = $3, holder = $4, job = $5, "
               "parent = $6, request = $7, attempt = $8, queue = $9, same_as = $10 "
               "WHERE id = $11 AND state = 'queued' AND attempt < $12",
               to_string(BakeState::running),
               record.key,
               record.name,
               record.holder,
               record.job,
               record.parent,
               record.request,
               record.attempt,
               record.queue,
               record.same_as,
               record.id,
               record.attempt
           ) == 1;
}

std::optional<BakeRecord> find_bake(Database& database, const BakeId& id) {
    return first(database.query(fmt::format("{} WHERE id = $1", kSelect), id));
}

void insert_or_start(Database& database, const BakeRecord& record) {
    if (insert_bake(database, record) || start_queued(database, record)) {
        return;
    }
    const auto other = find_bake(database, record.id);
    throw Error{
        ErrorKind::conflict,
        fmt::format(
            "{} exists already: {}, attempt {}",
            record.id.str(),
            to_string(other->state),
            other->attempt
        )};
}

void check_attempt(Database& database, const BakeId& id, std::int64_t attempt, bool ends) {
    auto row = database.query("SELECT state, attempt FROM bakes WHERE id = $1", id);
    if (!row.next()) {
        throw Error{ErrorKind::not_found, fmt::format("no bake {}", id.str())};
    }
    const auto state = ports::bake_state(row.text(0));
    const auto newest = row.get<std::int64_t>(1);
    const bool runs = state == BakeState::running && newest == attempt;
    const bool waits = state == BakeState::queued && newest < attempt && ends;
    if (!runs && !waits) {
        throw Error{
            ErrorKind::conflict,
            fmt::format(
                "attempt {} of {} is over already: it is {}, attempt {}",
                attempt,
                id.str(),
                to_string(state),
                newest
            )};
    }
}

void insert_event(
    Database& database, const BakeId& id, std::int64_t attempt, const BakeEvent& event
) {
    const auto inserted = database.run(
        "INSERT INTO bake_events (bake, attempt, sequence, category, time_us, step, message, data, "
        "final) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (bake, attempt, sequence) DO NOTHING",
        id,
        attempt,
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

void end_bake(
    Database& database,
    const BakeId& id,
    std::int64_t attempt,
    const ports::BakeStore::Ending& ending
) {
    const bool over = ending.state != BakeState::queued;
    database.run(
        "UPDATE bakes SET state = $1, image = $2, result = $3, ended_us = $4, attempt = $5 "
        "WHERE id = $6",
        to_string(ending.state),
        ending.image,
        ending.result,
        over ? std::optional{ending.at} : std::nullopt,
        attempt,
        id
    );
}

}  // namespace

bool SqliteBakeStore::submit(const BakeRecord& record) {
    return store_.write([&](Database& database) { return insert_bake(database, record); });
}

ports::BakeStore::Begun SqliteBakeStore::begin(const BakeRecord& record, bool force) {
    // Most often there is nothing to write: the answer comes without a sync.
    auto found =
        store_.read([&](Database& database) { return find_joinable(database, record, force); });
    if (found) {
        return {std::move(*found), false};
    }
    bool something = false;
    auto begun = store_.write([&](Database& database) -> Begun {
        if (auto other = find_joinable(database, record, force)) {
            return {std::move(*other), false};
        }
        insert_or_start(database, record);
        something = put_out(database, record);
        return {record, true};
    });
    told(something);
    return begun;
}

bool SqliteBakeStore::put_out(Database& database, const BakeRecord& record) const {
    if (outbox_ == nullptr) {
        return false;
    }
    const auto rows = outbox_->rows(record);
    add_notifications(database, rows);
    return !rows.empty();
}

void SqliteBakeStore::told(bool something) const {
    if (something) {
        outbox_->written();
    }
}

void SqliteBakeStore::append(
    const BakeId& id,
    std::int64_t attempt,
    const std::vector<BakeEvent>& events,
    const std::optional<Ending>& ended
) {
    bool something = false;
    store_.write([&](Database& database) {
        check_attempt(database, id, attempt, ended.has_value());
        for (const auto& event : events) {
            insert_event(database, id, attempt, event);
        }
        if (ended) {
            end_bake(database, id, attempt, *ended);
            something = put_out(database, *find_bake(database, id));
        }
    });
    told(something);
}

void SqliteBakeStore::note(const BakeId& id, const std::string& text) {
    store_.write([&](Database& database) {
        database.run("UPDATE bakes SET note = $1 WHERE id = $2", text, id);
    });
}

BakeRecord SqliteBakeStore::get(const BakeId& id) {
    auto found = store_.read([&](Database& database) { return find_bake(database, id); });
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
    if (filter.older_than) {
        conditions.older_than(filter.older_than->str());
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

std::map<BakeState, std::int64_t> SqliteBakeStore::count() {
    return store_.read([](Database& database) {
        std::map<BakeState, std::int64_t> counts;
        auto row = database.query("SELECT state, COUNT(*) FROM bakes GROUP BY state");
        while (row.next()) {
            counts[ports::bake_state(row.text(0))] = row.get<std::int64_t>(1);
        }
        return counts;
    });
}

std::vector<BakeEvent> SqliteBakeStore::events(
    const BakeId& id, const ports::EventPlace& after, std::size_t limit
) {
    return store_.read([&](Database& database) {
        std::vector<BakeEvent> events;
        auto row = database.query(
            "SELECT sequence, category, time_us, step, message, data, final, attempt "
            "FROM bake_events WHERE bake = $1 AND (attempt, sequence) > ($2, $3) "
            "ORDER BY attempt, sequence",
            id,
            after.attempt,
            after.sequence
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
                .attempt = row.get<std::int64_t>(7),
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
