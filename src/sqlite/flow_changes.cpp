#include "sqlite/flow_changes.hpp"

#include "sqlite/flow_rows.hpp"
#include "sqlite/kept.hpp"

namespace kiln::sqlite {

namespace {

namespace change = ports::flow_change;

/// One visit for each kind of change.
class Changes {
  public:
    explicit Changes(Database& database) : database_{database} {}

    void operator()(const change::AddExecution& add) {
        const auto& row = add.row;
        add_execution_.run(
            row.number,
            row.arn,
            row.name,
            row.machine,
            row.version,
            row.alias,
            row.revision,
            row.map_run,
            row.map_index,
            row.status,
            row.redrives,
            row.role,
            row.started,
            row.stopped,
            row.input,
            row.output,
            row.error,
            row.cause,
            Blob{row.more}
        );
    }

    void operator()(const change::SetExecution& set) {
        const auto& state = set.state;
        set_execution_.run(
            state.status,
            state.redrives,
            state.stopped,
            state.output,
            state.error,
            state.cause,
            Blob{state.more},
            set.execution
        );
    }

    void operator()(const change::PutFrame& put) {
        const auto& row = put.row;
        KILN_CHECK(row.frame >= -1 && row.frame < ports::kMostFrames);
        const auto key = flow_key(put.execution, row.frame);
        const bool waits = row.wakes || !row.waits_for.empty();
        put_frame_.run(key, waits, row.wakes, row.waits_for, row.waits_since, Blob{row.head});
        if (put.with_body && row.body.empty()) {
            remove_body_.run(key);
        } else if (put.with_body) {
            put_body_.run(key, Blob{row.body});
        }
    }

    void operator()(const change::RemoveFrame& removed) {
        const auto key = flow_key(removed.execution, removed.frame);
        remove_frame_.run(key);
        remove_body_.run(key);
    }

    void operator()(const change::ClearFrames& clear) {
        const auto keys = flow_keys(clear.execution);
        clear_frames_.run(keys.first, keys.last);
        clear_bodies_.run(keys.first, keys.last);
    }

    void operator()(const change::AddHistory& add) {
        const auto& chunk = add.chunk;
        add_history_.run(flow_key(add.execution, chunk.first), chunk.last, Blob{chunk.events});
    }

    void operator()(const change::PutMapRun& put) {
        const auto& row = put.row;
        put_map_run_.run(
            row.arn,
            row.execution,
            row.frame,
            row.task,
            row.status,
            row.started,
            row.stopped,
            Blob{row.head}
        );
        if (put.with_items) {
            put_items_.run(row.arn, Blob{row.items});
        }
    }

    void operator()(const change::RemoveExecution& removed) {
        (*this)(change::ClearFrames{removed.execution});
        const auto keys = flow_keys(removed.execution);
        database_.run(
            "DELETE FROM flow_history WHERE key BETWEEN $1 AND $2", keys.first, keys.last
        );
        database_.run(
            "DELETE FROM map_run_items WHERE arn IN "
            "(SELECT arn FROM map_runs WHERE execution = $1)",
            removed.execution
        );
        database_.run("DELETE FROM map_runs WHERE execution = $1", removed.execution);
        database_.run("DELETE FROM executions WHERE number = $1", removed.execution);
    }

  private:
    Database& database_;
    Kept add_execution_{
        database_,
        "INSERT INTO executions (number, arn, name, machine, version, alias, revision, map_run, "
        "map_index, status, redrives, role, started_us, stopped_us, input, output, error, cause, "
        "more) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
        "$18, $19)"};
    Kept set_execution_{
        database_,
        "UPDATE executions SET status = $1, redrives = $2, stopped_us = $3, output = $4, "
        "error = $5, cause = $6, more = $7 WHERE number = $8"};
    Kept put_frame_{
        database_,
        "INSERT INTO flow_frames (key, waiting, wakes_us, waits_for, since_us, head) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO UPDATE SET "
        "waiting = excluded.waiting, wakes_us = excluded.wakes_us, "
        "waits_for = excluded.waits_for, since_us = excluded.since_us, head = excluded.head"};
    Kept put_body_{
        database_,
        "INSERT INTO flow_bodies (key, body) VALUES ($1, $2) "
        "ON CONFLICT (key) DO UPDATE SET body = excluded.body"};
    Kept remove_frame_{database_, "DELETE FROM flow_frames WHERE key = $1"};
    Kept remove_body_{database_, "DELETE FROM flow_bodies WHERE key = $1"};
    Kept clear_frames_{database_, "DELETE FROM flow_frames WHERE key BETWEEN $1 AND $2"};
    Kept clear_bodies_{database_, "DELETE FROM flow_bodies WHERE key BETWEEN $1 AND $2"};
    Kept add_history_{
        database_,
        "INSERT INTO flow_history (key, last, events) VALUES ($1, $2, $3) "
        "ON CONFLICT (key) DO UPDATE SET last = excluded.last, events = excluded.events"};
    Kept put_map_run_{
        database_,
        "INSERT INTO map_runs (arn, execution, frame, task, status, started_us, stopped_us, head) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (arn) DO UPDATE SET "
        "status = excluded.status, stopped_us = excluded.stopped_us, head = excluded.head"};
    Kept put_items_{
        database_,
        "INSERT INTO map_run_items (arn, items) VALUES ($1, $2) "
        "ON CONFLICT (arn) DO UPDATE SET items = excluded.items"};
};

}  // namespace

void make_changes(Database& database, const ports::FlowChanges& changes) {
    Changes make{database};
    for (const auto& each : changes) {
        std::visit(make, each);
    }
}

}  // namespace kiln::sqlite
