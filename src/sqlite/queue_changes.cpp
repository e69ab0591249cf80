#include "sqlite/queue_changes.hpp"

#include "sqlite/kept.hpp"
#include "sqlite/queue_rows.hpp"

namespace kiln::sqlite {

namespace {

namespace change = ports::queue_change;

std::optional<std::string_view> text_of(const std::shared_ptr<const std::string>& text) {
    return text ? std::optional<std::string_view>{*text} : std::nullopt;
}

/// One visit for each kind of change.
class Changes {
  public:
    explicit Changes(Database& database) : database_{database} {}

    void operator()(const change::AddMessage& add) {
        const auto& [key, state, message] = add;
        add_state_.run(
            packed(key),
            state.sent,
            state.visible_from,
            state.receives,
            state.first_received,
            message->group,
            text_of(state.origin)
        );
        std::optional<std::string> attributes;
        if (!message->attributes.empty()) {
            attributes = write_attributes(message->attributes);
        }
        add_body_.run(
            packed(key),
            message->id,
            message->sent,
            message->sender,
            attributes,
            message->group,
            message->deduplication,
            message->trace_header,
            message->body
        );
    }

    void operator()(const change::SetState& set) {
        const auto& state = set.state;
        set_state_.run(
            state.sent,
            state.visible_from,
            state.receives,
            state.first_received,
            text_of(state.origin),
            packed(set.key)
        );
    }

    void operator()(const change::RemoveMessage& removed) {
        remove_state_.run(packed(removed.key));
        remove_body_.run(packed(removed.key));
    }

    void operator()(const change::MoveMessage& moved) {
        move_state_.run(packed(moved.to), packed(moved.from));
        move_body_.run(packed(moved.to), moved.id, moved.sent, packed(moved.from));
        (*this)(change::SetState{moved.to, moved.state});
    }

    void operator()(const change::SweepMessages& sweep) {
        const auto first = packed({sweep.queue, sweep.first});
        const auto last = packed({sweep.queue, sweep.last});
        database_.run("DELETE FROM queue_messages WHERE key BETWEEN $1 AND $2", first, last);
        database_.run("DELETE FROM queue_bodies WHERE key BETWEEN $1 AND $2", first, last);
    }

    void operator()(const change::PutQueue& put) {
        const auto& row = put.row;
        const std::string_view secret{
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as they are
            reinterpret_cast<const char*>(row.secret.data()),
            row.secret.size()};
        database_.run(
            "INSERT INTO queues (number, name, definition, secret, reserved, purged, purged_us, "
            "deleted_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (number) DO UPDATE "
            "SET "
            "name = excluded.name, definition = excluded.definition, secret = excluded.secret, "
            "reserved = excluded.reserved, purged = excluded.purged, "
            "purged_us = excluded.purged_us, deleted_us = excluded.deleted_us",
            row.number,
            row.name,
            row.definition,
            to_hex(secret),
            row.reserved,
            row.purged,
            row.purged_at,
            row.deleted_at
        );
    }

    void operator()(const change::ForgetQueue& forgotten) {
        database_.run("DELETE FROM queues WHERE number = $1", forgotten.number);
    }

    void operator()(const change::PutDeduplication& put) {
        const auto& row = put.row;
        put_deduplication_.run(row.queue, row.key, row.message, row.sequence, row.until);
    }

    void operator()(const change::RemoveDeduplication& removed) {
        remove_deduplication_.run(removed.queue, removed.key);
    }

    void operator()(const change::ClearDeduplications& clear) {
        database_.run("DELETE FROM queue_deduplications WHERE queue = $1", clear.queue);
    }

    void operator()(const change::PutMoveTask& put) {
        database_.run(
            "INSERT INTO queue_moves (id, queue, task) VALUES ($1, $2, $3) "
            "ON CONFLICT (id) DO UPDATE SET task = excluded.task",
            put.row.id,
            put.row.queue,
            put.row.task
        );
    }

    void operator()(const change::RemoveMoveTask& removed) {
        database_.run("DELETE FROM queue_moves WHERE id = $1", removed.id);
    }

  private:
    Database& database_;
    Kept add_state_{
        database_,
        "INSERT INTO queue_messages (key, sent_us, visible_us, receives, first_us, message_group, "
        "origin) VALUES ($1, $2, $3, $4, $5, $6, $7)"};
    Kept add_body_{
        database_,
        "INSERT INTO queue_bodies (key, id, sent_us, sender, attributes, message_group, "
        "deduplication, trace_header, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
    Kept set_state_{
        database_,
        "UPDATE queue_messages SET sent_us = $1, visible_us = $2, receives = $3, first_us = $4, "
        "origin = $5 WHERE key = $6"};
    Kept remove_state_{database_, "DELETE FROM queue_messages WHERE key = $1"};
    Kept remove_body_{database_, "DELETE FROM queue_bodies WHERE key = $1"};
    Kept move_state_{database_, "UPDATE queue_messages SET key = $1 WHERE key = $2"};
    Kept move_body_{
        database_,
        "UPDATE queue_bodies SET key = $1, id = COALESCE($2, id), sent_us = COALESCE($3, sent_us) "
        "WHERE key = $4"};
    Kept put_deduplication_{
        database_,
        "INSERT INTO queue_deduplications (queue, key, message, sequence, until_us) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (queue, key) DO UPDATE SET "
        "message = excluded.message, sequence = excluded.sequence, until_us = excluded.until_us"};
    Kept remove_deduplication_{
        database_, "DELETE FROM queue_deduplications WHERE queue = $1 AND key = $2"};
};

}  // namespace

void make_changes(Database& database, const ports::QueueChanges& changes) {
    Changes make{database};
    for (const auto& each : changes) {
        std::visit(make, each);
    }
}

}  // namespace kiln::sqlite
