#include "sqlite/machine_store.hpp"

#include "sqlite/machine_changes.hpp"

namespace kiln::sqlite {

namespace {

ports::RevisionRow read_revision(const Statement& row) {
    return {
        .number = row.get<std::int64_t>(0),
        .machine = row.get<std::string>(1),
        .id = row.get<std::string>(2),
        .definition = row.get<std::string>(3),
        .digest = row.get<std::string>(4),
        .role = row.get<std::string>(5),
        .logging = row.get<std::string>(6),
        .tracing = row.get<std::string>(7),
        .encryption = row.get<std::string>(8),
        .created = row.get<TimePoint>(9),
        .retired = row.get<std::optional<TimePoint>>(10)};
}

/// All rows of a query, each by `read(const Statement&)`.
template <class Read>
auto all(Store& store, std::string_view sql, Read read) {
    return store.read([&](Database& database) {
        std::vector<std::invoke_result_t<Read&, const Statement&>> rows;
        auto row = database.query(sql);
        while (row.next()) {
            rows.push_back(read(row));
        }
        return rows;
    });
}

}  // namespace

std::vector<ports::MachineRow> SqliteMachineStore::machines() {
    return all(
        store_,
        "SELECT arn, name, type, status, revision, last_version, created_us, tags FROM machines "
        "ORDER BY arn",
        [](const Statement& row) {
            return ports::MachineRow{
                .arn = row.get<std::string>(0),
                .name = row.get<std::string>(1),
                .type = row.get<std::string>(2),
                .status = row.get<std::string>(3),
                .revision = row.get<std::int64_t>(4),
                .last_version = row.get<std::int64_t>(5),
                .created = row.get<TimePoint>(6),
                .tags = row.get<std::string>(7)};
        }
    );
}

std::vector<ports::RevisionRow> SqliteMachineStore::live_revisions() {
    return all(
        store_,
        "SELECT number, machine, id, '', digest, role, logging, tracing, encryption, created_us, "
        "retired_us FROM machine_revisions WHERE retired_us IS NULL ORDER BY number",
        read_revision
    );
}

std::vector<ports::VersionRow> SqliteMachineStore::versions() {
    return all(
        store_,
        "SELECT machine, number, revision, description, created_us FROM machine_versions "
        "ORDER BY machine, number",
        [](const Statement& row) {
            return ports::VersionRow{
                .machine = row.get<std::string>(0),
                .number = row.get<std::int64_t>(1),
                .revision = row.get<std::int64_t>(2),
                .description = row.get<std::optional<std::string>>(3),
                .created = row.get<TimePoint>(4)};
        }
    );
}

std::vector<ports::AliasRow> SqliteMachineStore::aliases() {
    return all(
        store_,
        "SELECT machine, name, description, routes, created_us, updated_us FROM machine_aliases "
        "ORDER BY machine, name",
        [](const Statement& row) {
            return ports::AliasRow{
                .machine = row.get<std::string>(0),
                .name = row.get<std::string>(1),
                .description = row.get<std::optional<std::string>>(2),
                .routes = row.get<std::string>(3),
                .created = row.get<TimePoint>(4),
                .updated = row.get<TimePoint>(5)};
        }
    );
}

std::vector<ports::ActivityRow> SqliteMachineStore::activities() {
    return all(
        store_,
        "SELECT arn, name, encryption, created_us, tags FROM activities ORDER BY arn",
        [](const Statement& row) {
            return ports::ActivityRow{
                .arn = row.get<std::string>(0),
                .name = row.get<std::string>(1),
                .encryption = row.get<std::string>(2),
                .created = row.get<TimePoint>(3),
                .tags = row.get<std::string>(4)};
        }
    );
}

ports::RevisionNumber SqliteMachineStore::last_revision() {
    return store_.read([](Database& database) {
        return database.number("SELECT coalesce(max(number), 0) FROM machine_revisions");
    });
}

std::optional<ports::RevisionRow> SqliteMachineStore::find_revision(ports::RevisionNumber number) {
    return store_.read([&](Database& database) -> std::optional<ports::RevisionRow> {
        auto row = database.query(
            "SELECT number, machine, id, definition, digest, role, logging, tracing, encryption, "
            "created_us, retired_us FROM machine_revisions WHERE number = $1",
            number
        );
        return row.next() ? std::optional{read_revision(row)} : std::nullopt;
    });
}

void SqliteMachineStore::apply(ports::MachineChanges changes, Applied done) {
    // A function has to be copyable: shared, so that no change is copied.
    auto shared = std::make_shared<const ports::MachineChanges>(std::move(changes));
    try {
        store_.writer().submit(
            [shared](Database& database) { make_changes(database, *shared); }, done
        );
    } catch (...) {
        done(std::current_exception());
    }
}

}  // namespace kiln::sqlite
