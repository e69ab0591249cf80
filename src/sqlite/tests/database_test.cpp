#include "sqlite/database.hpp"

#include "ports/testing/kind_of.hpp"
#include "sqlite/migrations.hpp"
#include "sqlite/tests/home.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::sqlite {
namespace {

using ports::testing::kind_of;

class DatabaseTest : public ::testing::Test {
  protected:
    static constexpr Migration kTable{"table", "CREATE TABLE t (id TEXT PRIMARY KEY, n BIGINT)"};

    Home home_;
    Database database_ = open_migrated(home_.file(), {&kTable, 1});
};

TEST_F(DatabaseTest, EveryTypeIsReadBack) {
    database_.script("CREATE TABLE typed (a, b, c, d, e, f, g)");
    const auto time = TimePoint{Duration{1'767'225'600'123'456}};
    const auto id = ImageId::random();
    database_.run(
        "INSERT INTO typed VALUES ($1, $2, $3, $4, $5, $6, $7)",
        std::string{"a\0b", 3},
        std::int64_t{-5},
        Bytes{1ULL << 40U},
        time,
        id,
        true,
        json::value{{"k", 1}}
    );
    auto row = database_.query("SELECT a, b, c, d, e, f, g FROM typed");
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.get<std::string>(0), (std::string{"a\0b", 3}));
    EXPECT_EQ(row.get<std::int64_t>(1), -5);
    EXPECT_EQ(row.get<Bytes>(2), Bytes{1ULL << 40U});
    EXPECT_EQ(row.get<TimePoint>(3), time);
    EXPECT_EQ(row.get<ImageId>(4), id);
    EXPECT_TRUE(row.get<bool>(5));
    EXPECT_EQ(row.get<json::value>(6), (json::value{{"k", 1}}));
    EXPECT_FALSE(row.next());
}

TEST_F(DatabaseTest, NoneIsNullAndEmptyTextIsNot) {
    database_.run("INSERT INTO t VALUES ($1, $2)", std::string_view{}, std::optional<Bytes>{});
    auto row = database_.query("SELECT id, n FROM t");
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.get<std::optional<std::string>>(0), "");
    EXPECT_EQ(row.get<std::optional<Bytes>>(1), std::nullopt);
}

TEST_F(DatabaseTest, TextThatIsNoJsonIsCorrupt) {
    database_.run("INSERT INTO t VALUES ('x{', 1)");
    auto row = database_.query("SELECT id FROM t");
    ASSERT_TRUE(row.next());
    EXPECT_EQ(kind_of([&] { (void)row.get<json::value>(0); }), ErrorKind::corrupt);
}

TEST_F(DatabaseTest, TheSameTextMayRunTwiceAtOnce) {
    database_.run("INSERT INTO t VALUES ('a', 1), ('b', 2)");
    int pairs = 0;
    auto outer = database_.query("SELECT id FROM t");
    while (outer.next()) {
        auto inner = database_.query("SELECT id FROM t");
        while (inner.next()) {
            ++pairs;
        }
    }
    EXPECT_EQ(pairs, 4);
}

TEST_F(DatabaseTest, AStatementComesBackUnbound) {
    EXPECT_EQ(database_.run("INSERT INTO t VALUES ($1, $2)", "a", 1), 1);
    auto again = database_.query("INSERT INTO t VALUES ($1, $2)", "b");
    while (again.next()) {
    }
    auto row = database_.query("SELECT n FROM t WHERE id = $1", "b");
    ASSERT_TRUE(row.next());
    EXPECT_TRUE(row.is_null(0));
}

TEST_F(DatabaseTest, ATransactionIsRolledBackUnlessCommitted) {
    {
        Transaction lost{database_, Transaction::Kind::immediate};
        database_.run("INSERT INTO t VALUES ('a', 1)");
    }
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM t"), 0);
    Transaction kept{database_, Transaction::Kind::immediate};
    database_.run("INSERT INTO t VALUES ('a', 1)");
    kept.commit();
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM t"), 1);
}

TEST_F(DatabaseTest, AConstraintIsAConflict) {
    database_.run("INSERT INTO t VALUES ('a', 1)");
    EXPECT_EQ(
        kind_of([&] { database_.run("INSERT INTO t VALUES ('a', 2)"); }), ErrorKind::conflict
    );
}

TEST_F(DatabaseTest, DurabilityAndForeignKeysAreOnInEveryConnection) {
    auto other = Database::open(home_.file(), Use::writing);
    EXPECT_EQ(other.number("PRAGMA synchronous"), 2);
    EXPECT_EQ(other.number("PRAGMA foreign_keys"), 1);
    auto mode = other.query("PRAGMA journal_mode");
    ASSERT_TRUE(mode.next());
    EXPECT_EQ(mode.get<std::string>(0), "wal");
}

TEST_F(DatabaseTest, AReadingConnectionCannotWrite) {
    auto reader = Database::open(home_.file(), Use::reading);
    EXPECT_EQ(kind_of([&] { reader.run("INSERT INTO t VALUES ('a', 1)"); }), ErrorKind::denied);
}

TEST_F(DatabaseTest, AFileThatIsNotThereIsNotFound) {
    EXPECT_EQ(
        kind_of([&] { (void)Database::open(home_.path() / "no.db", Use::reading); }),
        ErrorKind::not_found
    );
}

}  // namespace
}  // namespace kiln::sqlite
