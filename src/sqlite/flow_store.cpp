#include "sqlite/flow_store.hpp"

#include "sqlite/flow_changes.hpp"
#include "sqlite/flow_rows.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

namespace {

template <class T, class Read>
std::vector<T> all_of(Statement row, const Read& read) {
    std::vector<T> rows;
    while (row.next()) {
        rows.push_back(read(row));
    }
    return rows;
}

std::optional<ports::ExecutionRow> first_execution(Statement row) {
    return row.next() ? std::optional{read_execution(row)} : std::nullopt;
}

/// The conditions of a list, with the one text that they all begin with.
struct Condition {
    std::string sql;
    std::vector<std::string> texts;

    void add(std::string_view column, const std::string& value) {
        if (!value.empty()) {
            texts.push_back(value);
            sql += fmt::format(" AND {} = ${}", column, texts.size());
        }
    }
};

Condition condition_of(const ports::ExecutionFilter& filter) {
    Condition condition;
    condition.add("map_run", filter.map_run);
    condition.add("version", filter.version);
    condition.add("alias", filter.alias);
    condition.add("machine", filter.machine);
    condition.add("status", filter.status);
    // The indexes of these columns leave out rows that have none.
    for (const auto& [column, value] :
         {std::pair{"map_run", &filter.map_run},
          std::pair{"version", &filter.version},
          std::pair{"alias", &filter.alias}}) {
        if (!value->empty()) {
            condition.sql += fmt::format(" AND {} <> ''", column);
        }
    }
    if (filter.redriven) {
        condition.sql += *filter.redriven ? " AND redrives > 0" : " AND redrives = 0";
    }
    return condition;
}

}  // namespace

void SqliteFlowStore::visit_waiting(const std::function<void(const Waiting&)>& visit) {
    store_.read([&](Database& database) {
        auto row = database.query(
            "SELECT key, wakes_us, waits_for, since_us FROM flow_frames WHERE waiting = 1"
        );
        while (row.next()) {
            const auto key = row.get<std::int64_t>(0);
            const auto execution = key >> kFlowKeyBits;
            visit({
                .execution = execution,
                .frame = key - flow_key(execution, 0),
                .wakes = row.get<std::optional<TimePoint>>(1),
                .waits_for = row.text(2),
                .waits_since = row.get<TimePoint>(3),
            });
        }
    });
}

void SqliteFlowStore::visit_open(
    const std::function<void(ports::ExecutionNumber, std::string_view arn)>& visit
) {
    store_.read([&](Database& database) {
        auto row = database.query("SELECT number, arn FROM executions WHERE stopped_us IS NULL");
        while (row.next()) {
            visit(row.get<std::int64_t>(0), row.text(1));
        }
    });
}

ports::ExecutionNumber SqliteFlowStore::last_number() {
    return store_.read([](Database& database) {
        return database.number("SELECT COALESCE(MAX(number), 0) FROM executions");
    });
}

std::optional<ports::ExecutionRow> SqliteFlowStore::find(std::string_view arn) {
    return store_.read([&](Database& database) {
        static const auto kSql =
            fmt::format("SELECT {} FROM executions WHERE arn = $1", kExecutionColumns);
        return first_execution(database.query(kSql, arn));
    });
}

std::optional<ports::ExecutionRow> SqliteFlowStore::find(ports::ExecutionNumber execution) {
    return store_.read([&](Database& database) {
        static const auto kSql =
            fmt::format("SELECT {} FROM executions WHERE number = $1", kExecutionColumns);
        return first_execution(database.query(kSql, execution));
    });
}

std::vector<ports::FrameRow> SqliteFlowStore::frames(ports::ExecutionNumber execution) {
    const auto keys = flow_keys(execution);
    return store_.read([&](Database& database) {
        return all_of<ports::FrameRow>(
            database.query(
                "SELECT flow_frames.key, wakes_us, waits_for, since_us, head, body "
                "FROM flow_frames LEFT JOIN flow_bodies ON flow_bodies.key = flow_frames.key "
                "WHERE flow_frames.key BETWEEN $1 AND $2 ORDER BY flow_frames.key",
                keys.first,
                keys.last
            ),
            [&](const Statement& row) {
                return ports::FrameRow{
                    .frame = row.get<std::int64_t>(0) - flow_key(execution, 0),
                    .wakes = row.get<std::optional<TimePoint>>(1),
                    .waits_for = row.get<std::string>(2),
                    .waits_since = row.get<TimePoint>(3),
                    .head = row.get<std::string>(4),
                    .body = row.get<std::string>(5),
                };
            }
        );
    });
}

std::vector<ports::ExecutionRow> SqliteFlowStore::list(const ports::ExecutionFilter& filter) {
    const auto condition = condition_of(filter);
    const auto parameter = condition.texts.size();
    const auto sql = fmt::format(
        "SELECT {} FROM executions WHERE TRUE{} AND number < ${} ORDER BY number DESC LIMIT ${}",
        kExecutionColumns,
        condition.sql,
        parameter + 1,
        parameter + 2
    );
    return store_.read([&](Database& database) {
        auto row = database.query(sql);
        int at = 0;
        for (const auto& text : condition.texts) {
            row.bind(++at, text);
        }
        row.bind(++at, filter.before.value_or(std::numeric_limits<std::int64_t>::max()));
        row.bind(++at, filter.at_most);
        return all_of<ports::ExecutionRow>(std::move(row), read_execution);
    });
}

std::vector<ports::HistoryChunk> SqliteFlowStore::history(
    ports::ExecutionNumber execution, std::int64_t first, std::int64_t last
) {
    const auto lowest = flow_keys(execution).first;
    const auto from = flow_key(execution, std::clamp<std::int64_t>(first, 0, ports::kMostFrames));
    const auto to = flow_key(execution, std::clamp<std::int64_t>(last, 0, ports::kMostFrames));
    return store_.read([&](Database& database) {
        return all_of<ports::HistoryChunk>(
            database.query(
                "SELECT key, last, events FROM flow_history WHERE key BETWEEN COALESCE("
                "(SELECT MAX(key) FROM flow_history WHERE key BETWEEN $1 AND $2), $1) AND $3 "
                "AND last >= $4 ORDER BY key",
                lowest,
                from,
                to,
                first
            ),
            [&](const Statement& row) {
                return ports::HistoryChunk{
                    .first = row.get<std::int64_t>(0) - flow_key(execution, 0),
                    .last = row.get<std::int64_t>(1),
                    .events = row.get<std::string>(2),
                };
            }
        );
    });
}

std::int64_t SqliteFlowStore::last_event(ports::ExecutionNumber execution) {
    const auto keys = flow_keys(execution);
    return store_.read([&](Database& database) -> std::int64_t {
        auto row = database.query(
            "SELECT last FROM flow_history WHERE key BETWEEN $1 AND $2 ORDER BY key DESC LIMIT 1",
            keys.first,
            keys.last
        );
        return row.next() ? row.get<std::int64_t>(0) : 0;
    });
}

std::optional<ports::MapRunRow> SqliteFlowStore::find_map_run(std::string_view arn) {
    return store_.read([&](Database& database) -> std::optional<ports::MapRunRow> {
        auto row = database.query(fmt::format("{} WHERE map_runs.arn = $1", kSelectMapRuns), arn);
        return row.next() ? std::optional{read_map_run(row)} : std::nullopt;
    });
}

std::vector<ports::MapRunRow> SqliteFlowStore::map_runs(ports::ExecutionNumber execution) {
    return store_.read([&](Database& database) {
        return all_of<ports::MapRunRow>(
            database.query(
                fmt::format("{} WHERE execution = $1 ORDER BY task", kSelectMapRuns), execution
            ),
            read_map_run
        );
    });
}

std::vector<ports::MapRunRow> SqliteFlowStore::open_map_runs() {
    return store_.read([&](Database& database) {
        return all_of<ports::MapRunRow>(
            database.query(
                fmt::format("{} WHERE stopped_us IS NULL ORDER BY execution, task", kSelectMapRuns)
            ),
            read_map_run
        );
    });
}

void SqliteFlowStore::visit_children(
    std::string_view map_run,
    std::int64_t from_index,
    const std::function<bool(const ports::ExecutionRow&)>& visit
) {
    store_.read([&](Database& database) {
        static const auto kSql = fmt::format(
            "SELECT {} FROM executions WHERE map_run = $1 AND map_run <> '' AND map_index >= $2 "
            "ORDER BY map_index, number",
            kExecutionColumns
        );
        auto row = database.query(kSql, map_run, from_index);
        while (row.next() && visit(read_execution(row))) {
        }
    });
}

std::vector<ports::ExecutionNumber> SqliteFlowStore::ended_before(
    TimePoint time, std::size_t at_most
) {
    return store_.read([&](Database& database) {
        return all_of<ports::ExecutionNumber>(
            database.query(
                "SELECT number FROM executions WHERE stopped_us < $1 "
                "ORDER BY stopped_us, number LIMIT $2",
                time,
                at_most
            ),
            [](const Statement& row) { return row.get<std::int64_t>(0); }
        );
    });
}

void SqliteFlowStore::apply(ports::FlowChanges changes, Applied done) {
    // A function has to be copyable: shared, so that no change is copied.
    auto shared = std::make_shared<const ports::FlowChanges>(std::move(changes));
    try {
        store_.writer().submit(
            [shared](Database& database) { make_changes(database, *shared); }, done
        );
    } catch (...) {
        done(std::current_exception());
    }
}

}  // namespace kiln::sqlite
