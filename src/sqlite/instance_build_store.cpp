#include "sqlite/instance_build_store.hpp"

#include "sqlite/rows.hpp"

namespace kiln::sqlite {

namespace {

ports::InstanceBuildRow read_build(const Statement& row) {
    return {
        .id = row.get<std::string>(0),
        .revision = row.get<std::int64_t>(1),
        .state = row.get<std::string>(2),
        .created = row.get<TimePoint>(3),
        .open = row.get<bool>(4),
        .document = row.get<std::string>(5)};
}

ports::InstanceNoteRow read_instance(const Statement& row) {
    return {
        .id = row.get<std::string>(0),
        .build = row.get<std::string>(1),
        .launched = row.get<TimePoint>(2),
        .gone = row.get<std::optional<TimePoint>>(3),
        .reason = row.get<std::string>(4),
        .expected_state = row.get<std::string>(5),
        .life_cycle = row.get<std::string>(6)};
}

ports::InstanceGroupRow read_group(const Statement& row) {
    return {
        .id = row.get<std::string>(0),
        .revision = row.get<std::int64_t>(1),
        .created = row.get<TimePoint>(2),
        .document = row.get<std::string>(3)};
}

void put_script(Database& database, const ports::InitScriptRow& row) {
    database.run(
        "INSERT INTO init_scripts (build, digest, secret, script, expires_us, created_us) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (build) DO UPDATE SET "
        "digest = excluded.digest, secret = excluded.secret, script = excluded.script, "
        "expires_us = excluded.expires_us, created_us = excluded.created_us",
        row.build,
        row.digest,
        row.secret,
        row.script,
        row.expires,
        row.created
    );
}

void put(Database& database, const ports::InstanceNoteRow& row) {
    database.run(
        "INSERT INTO instance_notes "
        "(id, build, launched_us, gone_us, reason, expected_state, life_cycle) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET "
        "build = excluded.build, launched_us = excluded.launched_us, gone_us = excluded.gone_us, "
        "reason = excluded.reason, expected_state = excluded.expected_state, "
        "life_cycle = excluded.life_cycle",
        row.id,
        row.build,
        row.launched,
        row.gone,
        row.reason,
        row.expected_state,
        row.life_cycle
    );
}

/// Why a change by revision found no row.
[[noreturn]] void refuse(bool exists, const std::string& id) {
    if (exists) {
        throw Error{ErrorKind::conflict, "'" + id + "' was changed meanwhile"};
    }
    throw Error{ErrorKind::not_found, "there is no '" + id + "'"};
}

void change_build(Database& database, const ports::InstanceBuildRow& row) {
    const auto changed = database.run(
        "UPDATE instance_builds SET revision = revision + 1, state = $1, created_us = $2, "
        "open = $3, document = $4 WHERE id = $5 AND revision = $6",
        row.state,
        row.created,
        row.open,
        row.document,
        row.id,
        row.revision
    );
    if (changed == 0) {
        auto found = database.query("SELECT 1 FROM instance_builds WHERE id = $1", row.id);
        refuse(found.next(), row.id);
    }
}

}  // namespace

bool SqliteInstanceBuilds::insert(const ports::InstanceBuildRow& row) {
    return store_.write([&](Database& database) {
        return database.run(
                   "INSERT INTO instance_builds (id, revision, state, created_us, open, document) "
                   "VALUES ($1, 1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
                   row.id,
                   row.state,
                   row.created,
                   row.open,
                   row.document
               ) == 1;
    });
}

std::optional<ports::InstanceBuildRow> SqliteInstanceBuilds::find(const std::string& id) {
    return store_.read([&](Database& database) {
        return first_of(
            database.query(
                "SELECT id, revision, state, created_us, open, document FROM instance_builds "
                "WHERE id = $1",
                id
            ),
            read_build
        );
    });
}

std::vector<ports::InstanceBuildRow> SqliteInstanceBuilds::list(
    const ports::InstanceBuildFilter& filter
) {
    std::string sql =
        "SELECT id, revision, state, created_us, open, document FROM instance_builds WHERE TRUE";
    int parameters = 0;
    const auto add = [&](std::string_view text) {
        sql += " AND " + std::string{text} + "$" + std::to_string(++parameters);
    };
    if (filter.open) {
        add("open = ");
    }
    if (filter.state) {
        add("state = ");
    }
    if (!filter.older_than.empty()) {
        add("(created_us, id) < (SELECT created_us, id FROM instance_builds WHERE id = ");
        sql += ")";
    }
    sql += " ORDER BY created_us DESC, id DESC LIMIT $" + std::to_string(++parameters);
    return store_.read([&](Database& database) {
        auto row = database.query(sql);
        int at = 0;
        if (filter.open) {
            row.bind(++at, *filter.open);
        }
        if (filter.state) {
            row.bind(++at, *filter.state);
        }
        if (!filter.older_than.empty()) {
            row.bind(++at, filter.older_than);
        }
        row.bind(++at, filter.limit);
        return all_of(std::move(row), read_build);
    });
}

std::int64_t SqliteInstanceBuilds::change(const ports::InstanceBuildChange& change) {
    store_.write([&](Database& database) {
        change_build(database, change.row);
        if (change.remove_script) {
            database.run("DELETE FROM init_scripts WHERE build = $1", change.row.id);
        }
        if (change.script) {
            put_script(database, *change.script);
        }
        for (const auto& instance : change.instances) {
            put(database, instance);
        }
    });
    return change.row.revision + 1;
}

std::size_t SqliteInstanceBuilds::forget(TimePoint before) {
    const auto any = store_.read([&](Database& database) {
        auto found = database.query(
            "SELECT 1 FROM instance_builds WHERE open = 0 AND created_us < $1 LIMIT 1", before
        );
        return found.next();
    });
    if (!any) {
        return 0;
    }
    return store_.write([&](Database& database) {
        constexpr std::string_view kOld =
            "(SELECT id FROM instance_builds WHERE open = 0 AND created_us < $1)";
        database.run("DELETE FROM init_scripts WHERE build IN " + std::string{kOld}, before);
        database.run("DELETE FROM instance_notes WHERE build IN " + std::string{kOld}, before);
        return static_cast<std::size_t>(
            database.run("DELETE FROM instance_builds WHERE open = 0 AND created_us < $1", before)
        );
    });
}

void SqliteInstanceBuilds::clear_scripts(TimePoint expired) {
    constexpr std::string_view kWhich = "expires_us <= $1 AND secret = '' AND script <> ''";
    const auto any = store_.read([&](Database& database) {
        auto found = database.query(
            "SELECT 1 FROM init_scripts WHERE " + std::string{kWhich} + " LIMIT 1", expired
        );
        return found.next();
    });
    if (any) {
        store_.write([&](Database& database) {
            database.run(
                "UPDATE init_scripts SET script = '' WHERE " + std::string{kWhich}, expired
            );
        });
    }
}

std::optional<ports::InitScriptRow> SqliteInstanceBuilds::find_script(const std::string& build) {
    return store_.read([&](Database& database) {
        return first_of(
            database.query(
                "SELECT build, digest, secret, script, expires_us, created_us FROM init_scripts "
                "WHERE build = $1",
                build
            ),
            [](const Statement& row) {
                return ports::InitScriptRow{
                    .build = row.get<std::string>(0),
                    .digest = row.get<std::string>(1),
                    .secret = row.get<std::string>(2),
                    .script = row.get<std::string>(3),
                    .expires = row.get<TimePoint>(4),
                    .created = row.get<TimePoint>(5)};
            }
        );
    });
}

std::optional<ports::InstanceNoteRow> SqliteInstanceBuilds::find_instance(const std::string& id) {
    return store_.read([&](Database& database) {
        return first_of(
            database.query(
                "SELECT id, build, launched_us, gone_us, reason, expected_state, life_cycle "
                "FROM instance_notes WHERE id = $1",
                id
            ),
            read_instance
        );
    });
}

std::vector<ports::InstanceNoteRow> SqliteInstanceBuilds::live_instances() {
    return store_.read([&](Database& database) {
        return all_of(
            database.query(
                "SELECT id, build, launched_us, gone_us, reason, expected_state, life_cycle "
                "FROM instance_notes WHERE gone_us IS NULL ORDER BY id"
            ),
            read_instance
        );
    });
}

std::vector<ports::InstanceNoteRow> SqliteInstanceBuilds::instances_of(const std::string& build) {
    return store_.read([&](Database& database) {
        return all_of(
            database.query(
                "SELECT id, build, launched_us, gone_us, reason, expected_state, life_cycle "
                "FROM instance_notes WHERE build = $1 ORDER BY id",
                build
            ),
            read_instance
        );
    });
}

void SqliteInstanceBuilds::put_instance(const ports::InstanceNoteRow& row) {
    store_.write([&](Database& database) { put(database, row); });
}

std::map<std::string, std::string> SqliteInstanceBuilds::active_images() {
    return store_.read([&](Database& database) {
        std::map<std::string, std::string> active;
        auto row = database.query("SELECT role, image FROM active_images ORDER BY role");
        while (row.next()) {
            active.emplace(row.get<std::string>(0), row.get<std::string>(1));
        }
        return active;
    });
}

void SqliteInstanceBuilds::activate_image(const std::string& role, const std::string& image) {
    store_.write([&](Database& database) {
        if (image.empty()) {
            database.run("DELETE FROM active_images WHERE role = $1", role);
            return;
        }
        database.run(
            "INSERT INTO active_images (role, image) VALUES ($1, $2) "
            "ON CONFLICT (role) DO UPDATE SET image = excluded.image",
            role,
            image
        );
    });
}

bool SqliteInstanceBuilds::insert_group(const ports::InstanceGroupRow& row) {
    return store_.write([&](Database& database) {
        return database.run(
                   "INSERT INTO instance_groups (id, revision, created_us, document) "
                   "VALUES ($1, 1, $2, $3) ON CONFLICT (id) DO NOTHING",
                   row.id,
                   row.created,
                   row.document
               ) == 1;
    });
}

std::optional<ports::InstanceGroupRow> SqliteInstanceBuilds::find_group(const std::string& id) {
    return store_.read([&](Database& database) {
        return first_of(
            database.query(
                "SELECT id, revision, created_us, document FROM instance_groups WHERE id = $1", id
            ),
            read_group
        );
    });
}

std::vector<ports::InstanceGroupRow> SqliteInstanceBuilds::groups() {
    return store_.read([&](Database& database) {
        return all_of(
            database.query("SELECT id, revision, created_us, document FROM instance_groups "
                           "ORDER BY created_us, id"),
            read_group
        );
    });
}

std::int64_t SqliteInstanceBuilds::change_group(const ports::InstanceGroupRow& row) {
    store_.write([&](Database& database) {
        const auto changed = database.run(
            "UPDATE instance_groups SET revision = revision + 1, created_us = $1, document = $2 "
            "WHERE id = $3 AND revision = $4",
            row.created,
            row.document,
            row.id,
            row.revision
        );
        if (changed == 0) {
            auto found = database.query("SELECT 1 FROM instance_groups WHERE id = $1", row.id);
            refuse(found.next(), row.id);
        }
    });
    return row.revision + 1;
}

void SqliteInstanceBuilds::remove_group(const std::string& id) {
    store_.write([&](Database& database) {
        database.run("DELETE FROM instance_groups WHERE id = $1", id);
    });
}

}  // namespace kiln::sqlite
