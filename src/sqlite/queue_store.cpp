#include "sqlite/queue_store.hpp"

#include "sqlite/queue_changes.hpp"
#include "sqlite/queue_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::sqlite {

namespace {

using ports::QueueMessage;

std::array<std::uint8_t, 16> read_secret(std::string_view digits) {
    const auto bytes = from_hex(digits);
    std::array<std::uint8_t, 16> secret{};
    if (bytes.size() != secret.size()) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("a queue's secret in the store has {} bytes, not 16", bytes.size())};
    }
    std::copy(bytes.begin(), bytes.end(), secret.begin());
    return secret;
}

ports::QueueMessagePtr read_message(const Statement& row) {
    auto message = std::make_shared<QueueMessage>();
    message->id = row.get<std::string>(1);
    message->sent = row.get<TimePoint>(2);
    message->sender = row.get<std::string>(3);
    if (!row.is_null(4)) {
        message->attributes = read_attributes(row.text(4));
    }
    message->group = row.get<std::optional<std::string>>(5);
    message->deduplication = row.get<std::optional<std::string>>(6);
    message->trace_header = row.get<std::optional<std::string>>(7);
    message->body = row.get<std::string>(8);
    return message;
}

}  // namespace

std::vector<ports::QueueRow> SqliteQueueStore::queues() {
    return store_.read([](Database& database) {
        std::vector<ports::QueueRow> rows;
        auto row = database.query(
            "SELECT number, name, definition, secret, reserved, purged, purged_us, deleted_us "
            "FROM queues ORDER BY number"
        );
        while (row.next()) {
            rows.push_back({
                .number = row.get<std::int64_t>(0),
                .name = row.get<std::string>(1),
                .definition = row.get<std::string>(2),
                .secret = read_secret(row.text(3)),
                .reserved = row.get<std::int64_t>(4),
                .purged = row.get<std::int64_t>(5),
                .purged_at = row.get<std::optional<TimePoint>>(6),
                .deleted_at = row.get<std::optional<TimePoint>>(7),
            });
        }
        return rows;
    });
}

std::vector<ports::DeduplicationRow> SqliteQueueStore::deduplications() {
    return store_.read([](Database& database) {
        std::vector<ports::DeduplicationRow> rows;
        auto row = database.query(
            "SELECT queue, key, message, sequence, until_us FROM queue_deduplications "
            "ORDER BY queue, key"
        );
        while (row.next()) {
            rows.push_back({
                .queue = row.get<std::int64_t>(0),
                .key = row.get<std::string>(1),
                .message = row.get<std::string>(2),
                .sequence = row.get<std::int64_t>(3),
                .until = row.get<TimePoint>(4),
            });
        }
        return rows;
    });
}

std::vector<ports::MoveTaskRow> SqliteQueueStore::move_tasks() {
    return store_.read([](Database& database) {
        std::vector<ports::MoveTaskRow> rows;
        auto row = database.query("SELECT id, queue, task FROM queue_moves ORDER BY id");
        while (row.next()) {
            rows.push_back(
                {row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::string>(2)}
            );
        }
        return rows;
    });
}

void SqliteQueueStore::visit_messages(const Visit& visit) {
    store_.read([&](Database& database) {
        auto row = database.query(
            "SELECT key, sent_us, visible_us, receives, first_us, message_group, origin "
            "FROM queue_messages ORDER BY key"
        );
        while (row.next()) {
            ports::MessageState state{
                .sent = row.get<TimePoint>(1),
                .visible_from = row.get<TimePoint>(2),
                .receives = row.get<std::int64_t>(3),
                .first_received = row.get<std::optional<TimePoint>>(4),
            };
            if (!row.is_null(6)) {
                state.origin = std::make_shared<const std::string>(row.text(6));
            }
            const auto group =
                row.is_null(5) ? std::nullopt : std::optional<std::string_view>{row.text(5)};
            visit(unpacked(row.get<std::int64_t>(0)), state, group);
        }
    });
}

std::vector<ports::QueueStore::Read> SqliteQueueStore::read_ahead(
    ports::MessageKey from, std::size_t at_most, std::size_t at_most_bytes
) {
    return store_.read([&](Database& database) {
        std::vector<Read> read;
        auto row = database.query(
            "SELECT key, id, sent_us, sender, attributes, message_group, deduplication, "
            "trace_header, body FROM queue_bodies WHERE key BETWEEN $1 AND $2 ORDER BY key LIMIT "
            "$3",
            packed(from),
            packed({from.queue, ports::kLastMessageSequence}),
            at_most
        );
        std::size_t bytes = 0;
        while (row.next()) {
            auto message = read_message(row);
            bytes += message->body.size();
            if (!read.empty() && bytes > at_most_bytes) {
                break;
            }
            read.push_back({unpacked(row.get<std::int64_t>(0)), std::move(message)});
        }
        return read;
    });
}

void SqliteQueueStore::apply(ports::QueueChanges changes, Applied done) {
    // A function has to be copyable: shared, so that no change is copied.
    auto shared = std::make_shared<const ports::QueueChanges>(std::move(changes));
    try {
        store_.writer().submit(
            [shared](Database& database) { make_changes(database, *shared); }, done
        );
    } catch (...) {
        done(std::current_exception());
    }
}

}  // namespace kiln::sqlite
