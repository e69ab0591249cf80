#include "sqlite/machine_changes.hpp"

namespace kiln::sqlite {

namespace {

namespace change = ports::machine_change;

/// One visit for each kind of change.
class Changes {
  public:
    explicit Changes(Database& database) : database_{database} {}

    void operator()(const change::PutMachine& put) {
        const auto& row = put.row;
        database_.run(
            "INSERT INTO machines (arn, name, type, status, revision, last_version, created_us, "
            "tags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (arn) DO UPDATE SET "
            "name = excluded.name, type = excluded.type, status = excluded.status, "
            "revision = excluded.revision, last_version = excluded.last_version, "
            "created_us = excluded.created_us, tags = excluded.tags",
            row.arn,
            row.name,
            row.type,
            row.status,
            row.revision,
            row.last_version,
            row.created,
            row.tags
        );
    }

    void operator()(const change::RemoveMachine& removed) {
        database_.run("DELETE FROM machine_aliases WHERE machine = $1", removed.arn);
        database_.run("DELETE FROM machine_versions WHERE machine = $1", removed.arn);
        database_.run("DELETE FROM machines WHERE arn = $1", removed.arn);
    }

    void operator()(const change::AddRevision& added) {
        const auto& row = added.row;
        database_.run(
            "INSERT INTO machine_revisions (number, machine, id, definition, digest, role, "
            "logging, tracing, encryption, created_us, retired_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            row.number,
            row.machine,
            row.id,
            row.definition,
            row.digest,
            row.role,
            row.logging,
            row.tracing,
            row.encryption,
            row.created,
            row.retired
        );
        if (added.definition_of) {
            database_.run(
                "UPDATE machine_revisions SET definition = "
                "(SELECT definition FROM machine_revisions WHERE number = $1) WHERE number = $2",
                *added.definition_of,
                row.number
            );
        }
    }

    void operator()(const change::RetireRevision& retired) {
        database_.run(
            "UPDATE machine_revisions SET retired_us = $1 WHERE number = $2",
            retired.at,
            retired.number
        );
    }

    void operator()(const change::ForgetRetired& forget) {
        database_.run(
            "DELETE FROM machine_revisions WHERE retired_us < $1 "
            "AND number < (SELECT max(number) FROM machine_revisions)",
            forget.before
        );
    }

    void operator()(const change::PutVersion& put) {
        const auto& row = put.row;
        database_.run(
            "INSERT INTO machine_versions (machine, number, revision, description, created_us) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (machine, number) DO UPDATE SET "
            "revision = excluded.revision, description = excluded.description, "
            "created_us = excluded.created_us",
            row.machine,
            row.number,
            row.revision,
            row.description,
            row.created
        );
    }

    void operator()(const change::RemoveVersion& removed) {
        database_.run(
            "DELETE FROM machine_versions WHERE machine = $1 AND number = $2",
            removed.machine,
            removed.number
        );
    }

    void operator()(const change::PutAlias& put) {
        const auto& row = put.row;
        database_.run(
            "INSERT INTO machine_aliases (machine, name, description, routes, created_us, "
            "updated_us) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (machine, name) DO UPDATE SET "
            "description = excluded.description, routes = excluded.routes, "
            "created_us = excluded.created_us, updated_us = excluded.updated_us",
            row.machine,
            row.name,
            row.description,
            row.routes,
            row.created,
            row.updated
        );
    }

    void operator()(const change::RemoveAlias& removed) {
        database_.run(
            "DELETE FROM machine_aliases WHERE machine = $1 AND name = $2",
            removed.machine,
            removed.name
        );
    }

    void operator()(const change::PutActivity& put) {
        const auto& row = put.row;
        database_.run(
            "INSERT INTO activities (arn, name, encryption, created_us, tags) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (arn) DO UPDATE SET name = excluded.name, "
            "encryption = excluded.encryption, created_us = excluded.created_us, "
            "tags = excluded.tags",
            row.arn,
            row.name,
            row.encryption,
            row.created,
            row.tags
        );
    }

    void operator()(const change::RemoveActivity& removed) {
        database_.run("DELETE FROM activities WHERE arn = $1", removed.arn);
    }

  private:
    Database& database_;
};

}  // namespace

void make_changes(Database& database, const ports::MachineChanges& changes) {
    Changes visitor{database};
    for (const auto& each : changes) {
        std::visit(visitor, each);
    }
}

}  // namespace kiln::sqlite
