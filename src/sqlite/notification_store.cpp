#include "sqlite/notification_store.hpp"

namespace kiln::sqlite {

namespace {

constexpr std::string_view kFirst =
    "SELECT key, channel, kind, event, created_us, state, due_us, attempts, error, ended_us "
    "FROM notifications WHERE channel = $1 AND state = 'waiting' ORDER BY due_us, number LIMIT 1";

constexpr std::string_view kNewest =
    "SELECT key, channel, kind, event, created_us, state, due_us, attempts, error, ended_us "
    "FROM notifications WHERE (state = $1 OR $1 IS NULL) AND (channel = $2 OR $2 IS NULL) "
    "ORDER BY number DESC LIMIT $3";

ports::NotificationRow read_row(const Statement& row) {
    return {
        .key = row.get<std::string>(0),
        .channel = row.get<std::string>(1),
        .kind = row.get<std::string>(2),
        .event = row.get<std::string>(3),
        .created = row.get<TimePoint>(4),
        .state = ports::parse_notification_state(row.text(5)),
        .due = row.get<TimePoint>(6),
        .attempts = row.get<std::int64_t>(7),
        .error = row.get<std::string>(8),
        .ended = row.get<std::optional<TimePoint>>(9)};
}

std::optional<ports::NotificationRow> first_waiting(
    Database& database, const std::string& channel
) {
    auto row = database.query(kFirst, channel);
    return row.next() ? std::optional{read_row(row)} : std::nullopt;
}

}  // namespace

void add_notifications(Database& database, const std::vector<ports::NotificationRow>& rows) {
    for (const auto& row : rows) {
        database.run(
            "INSERT INTO notifications (number, key, channel, kind, event, created_us, state, "
            "due_us, attempts, error, ended_us) VALUES "
            "((SELECT COALESCE(MAX(number), 0) + 1 FROM notifications), "
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
            "ON CONFLICT (key, channel) DO NOTHING",
            row.key,
            row.channel,
            row.kind,
            row.event,
            row.created,
            ports::to_string(row.state),
            row.due,
            row.attempts,
            row.error,
            row.ended
        );
    }
}

void SqliteNotificationStore::add(const std::vector<ports::NotificationRow>& rows) {
    if (!rows.empty()) {
        store_.write([&](Database& database) { add_notifications(database, rows); });
    }
}

ports::NotificationStore::Taken SqliteNotificationStore::take(
    const std::string& channel, TimePoint now, TimePoint until
) {
    // Most looks find nothing, and need no commit.
    const auto seen =
        store_.read([&](Database& database) { return first_waiting(database, channel); });
    if (!seen || seen->due > now) {
        return {std::nullopt, seen ? std::optional{seen->due} : std::nullopt};
    }
    return store_.write([&](Database& database) -> Taken {
        auto row = first_waiting(database, channel);
        if (!row || row->due > now) {
            return {std::nullopt, row ? std::optional{row->due} : std::nullopt};
        }
        ++row->attempts;
        row->due = until;
        database.run(
            "UPDATE notifications SET attempts = $1, due_us = $2 WHERE key = $3 AND channel = $4",
            row->attempts,
            row->due,
            row->key,
            row->channel
        );
        return {std::move(row), std::nullopt};
    });
}

bool SqliteNotificationStore::settle(const ports::NotificationRow& row) {
    return store_.write([&](Database& database) {
        return database.run(
                   "UPDATE notifications SET state = $1, due_us = $2, error = $3, ended_us = $4 "
                   "WHERE key = $5 AND channel = $6 AND attempts = $7 AND state = 'waiting'",
                   ports::to_string(row.state),
                   row.due,
                   row.error,
                   row.ended,
                   row.key,
                   row.channel,
                   row.attempts
               ) > 0;
    });
}

std::vector<ports::NotificationRow> SqliteNotificationStore::list(
    const ports::NotificationFilter& filter
) {
    const auto state =
        filter.state ? std::optional{std::string{ports::to_string(*filter.state)}} : std::nullopt;
    return store_.read([&](Database& database) {
        std::vector<ports::NotificationRow> rows;
        auto row = database.query(kNewest, state, filter.channel, filter.limit);
        while (row.next()) {
            rows.push_back(read_row(row));
        }
        return rows;
    });
}

std::int64_t SqliteNotificationStore::forget(TimePoint before) {
    return store_.write([&](Database& database) {
        return database.run("DELETE FROM notifications WHERE ended_us < $1", before);
    });
}

}  // namespace kiln::sqlite
