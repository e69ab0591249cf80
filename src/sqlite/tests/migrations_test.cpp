#include "sqlite/migrations.hpp"

#include "os/fd.hpp"
#include "ports/testing/kind_of.hpp"
#include "sqlite/tests/children.hpp"
#include "sqlite/tests/home.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::sqlite {
namespace {

using ports::testing::kind_of;

struct Row {
    std::string name;
    Header header;
    std::optional<Upgrade> verdict;  ///< none: refused
};

class HeaderRow : public ::testing::TestWithParam<Row> {};

TEST_P(HeaderRow, IsJudged) {
    const auto& row = GetParam();
    if (row.verdict) {
        EXPECT_EQ(judge(row.header, 3), *row.verdict);
    } else {
        EXPECT_EQ(kind_of([&] { (void)judge(row.header, 3); }), ErrorKind::invalid);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    HeaderRow,
    ::testing::Values(
        Row{"FreshFile", {0, 0, true}, Upgrade::needed},
        Row{"UpToDate", {kApplicationId, 3, false}, Upgrade::none},
        Row{"Older", {kApplicationId, 2, false}, Upgrade::needed},
        Row{"Newer", {kApplicationId, 4, false}, std::nullopt},
        Row{"OtherProgram", {0, 3, false}, std::nullopt},
        Row{"OtherProgramWithItsOwnId", {42, 0, false}, std::nullopt}
    ),
    [](const auto& tested) { return tested.param.name; }
);

constexpr std::array kSteps{
    Migration{"first", "CREATE TABLE a (n BIGINT)"},
    Migration{"second", "CREATE TABLE b (n BIGINT); INSERT INTO b VALUES (1)"},
};

std::int64_t tables(Database& database) {
    return database.number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'");
}

TEST(Migrations, RunInOrderAndOnce) {
    const Home home;
    {
        auto database = open_migrated(home.file(), {kSteps.data(), 1});
        EXPECT_EQ(tables(database), 1);
    }
    for (int i = 0; i < 2; ++i) {
        auto database = open_migrated(home.file(), kSteps);
        EXPECT_EQ(tables(database), 2);
        EXPECT_EQ(database.number("SELECT COUNT(*) FROM b"), 1);
        EXPECT_EQ(database.number("PRAGMA user_version"), 2);
        EXPECT_EQ(database.number("PRAGMA application_id"), kApplicationId);
    }
}

TEST(Migrations, AFailedOneLeavesNothing) {
    const Home home;
    { auto database = open_migrated(home.file(), {kSteps.data(), 1}); }
    const std::array broken{kSteps[0], Migration{"broken", "CREATE TABLE b (n BIGINT); NONSENSE"}};
    try {
        auto database = open_migrated(home.file(), broken);
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), ::testing::HasSubstr("migration 2 (broken)"));
    }
    auto database = open_migrated(home.file(), kSteps);
    EXPECT_EQ(tables(database), 2);
}

TEST(Migrations, ADatabaseOfANewerKilnIsRefusedByName) {
    const Home home;
    { auto database = open_migrated(home.file(), kSteps); }
    try {
        auto database = open_migrated(home.file(), {kSteps.data(), 1});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        EXPECT_THAT(error.message(), ::testing::HasSubstr(home.file().string()));
        EXPECT_THAT(error.message(), ::testing::HasSubstr("has version 2"));
        EXPECT_THAT(error.hint(), ::testing::HasSubstr("newer kiln"));
    }
}

TEST(Migrations, AFileThatIsNoDatabaseIsCorruptAndStays) {
    const Home home;
    const std::string text(4096, 'x');
    std::ofstream{home.file()} << text;
    EXPECT_EQ(
        kind_of([&] { auto database = open_migrated(home.file(), kSteps); }), ErrorKind::corrupt
    );
    EXPECT_EQ(os::read_file(home.file()), text);
}

TEST(Migrations, TheFileIsItsOwnersAlone) {
    const Home home;
    auto database = open_migrated(home.file(), kSteps);
    using std::filesystem::perms;
    EXPECT_EQ(
        std::filesystem::status(home.file()).permissions(), perms::owner_read | perms::owner_write
    );
}

TEST(Migrations, ManyProcessesMayStartAtOnce) {
    const Home home;
    Children children;
    for (int i = 0; i < 24; ++i) {
        children.fork([&] {
            auto database = open_migrated(home.file(), kSteps);
            return tables(database) == 2 ? 0 : 1;
        });
    }
    EXPECT_EQ(children.start_and_wait(), std::vector<int>(24, 0));
}

TEST(Migrations, BakesAndTheirEventsOutliveTheTablesThatTheyWereIn) {
    const Home home;
    {
        auto database = open_migrated(home.file(), migrations().first(3));
        database.script(
            "INSERT INTO bakes (id, key, name, state, holder, job, parent, image, request, result, "
            "created_us, ended_us) VALUES ('bake-1', 'k', 'web', 'failed', 'proc-1', 'job-1', "
            "'ami-1', NULL, '{}', '{}', 1, 2);"
            "INSERT INTO bake_events (bake, sequence, category, time_us, step, message, data, "
            "final) "
            "VALUES ('bake-1', 1, 'END', 2, '', 'failed', '{}', 1)"
        );
    }
    auto database = open_migrated(home.file(), migrations());
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM bakes WHERE attempt = 1 AND ended_us = 2"), 1);
    EXPECT_EQ(
        database.number("SELECT COUNT(*) FROM bake_events WHERE attempt = 1 AND final = 1"), 1
    );
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
    database.script("DELETE FROM bakes");
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM bake_events"), 0);
}

std::string schema_text() {
    const Home home;
    auto database = open_migrated(home.file(), migrations());
    std::string text;
    auto row = database.query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    while (row.next()) {
        text += row.get<std::string>(0) + ";\n\n";
    }
    return text;
}

TEST(Schema, IsTheGoldenOne) {
    const std::filesystem::path golden{KILN_SOURCE_DIR "/src/sqlite/tests/data/schema.sql"};
    const auto text = schema_text();
    if (std::getenv("KILN_TEST_ACCEPT") != nullptr) {
        std::ofstream{golden} << text;
        GTEST_SKIP() << "rewrote " << golden;
    }
    EXPECT_EQ(text, os::read_file(golden)) << "KILN_TEST_ACCEPT=1 accepts the new schema";
}

/// INTEGER is 64 bits only in SQLite. Only there it makes a key the table's own order, and only for
/// that it stands; PostgreSQL wants BIGINT in these places.
std::string without_row_keys(std::string sql) {
    for (const std::string_view row_key :
         {"key INTEGER NOT NULL PRIMARY KEY", "number INTEGER NOT NULL PRIMARY KEY"}) {
        for (auto at = sql.find(row_key); at != std::string::npos; at = sql.find(row_key)) {
            sql.erase(at, row_key.size());
        }
    }
    return sql;
}

TEST(Schema, UsesNothingThatOnlySqliteHas) {
    for (const auto& step : migrations()) {
        const auto sql = without_row_keys(std::string{step.sql});
        for (const auto* word :
             {"AUTOINCREMENT",
              "WITHOUT ROWID",
              "STRICT",
              "PRAGMA",
              "BLOB",
              "INTEGER",
              "DATETIME"}) {
            EXPECT_THAT(sql, ::testing::Not(::testing::HasSubstr(word)));
        }
    }
}

}  // namespace
}  // namespace kiln::sqlite
