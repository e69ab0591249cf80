#include "ports/testing/fake_clock.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/tests/home.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

namespace kiln::sqlite {
namespace {

struct Row {
    std::string name, sql;
};

class Plan : public ::testing::TestWithParam<Row> {};

/// The statements that requests run most, as they stand in the sources.
TEST_P(Plan, FindsItsRowsByAnIndex) {
    const Home home;
    Store store{home.path()};
    store.read([](Database& database) {
        std::string plan;
        auto row = database.query("EXPLAIN QUERY PLAN " + GetParam().sql);
        while (row.next()) {
            plan += row.get<std::string>(3) + "\n";
        }
        EXPECT_THAT(plan, ::testing::HasSubstr("USING"));
        EXPECT_THAT(plan, ::testing::Not(::testing::ContainsRegex("SCAN [a-z_]+\n")));
        EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("TEMP B-TREE")));
    });
}

INSTANTIATE_TEST_SUITE_P(
    Table,
    Plan,
    ::testing::Values(
        Row{"ImageByName", "SELECT id FROM images WHERE (name = $1)"},
        Row{"NewestImages", "SELECT id FROM images ORDER BY created_us DESC, id DESC"},
        Row{"ImagesOfSnapshot", "SELECT id FROM images WHERE root_snapshot = $1 LIMIT 1"},
        Row{"ImagesByTag",
            "SELECT id FROM images WHERE id IN "
            "(SELECT resource FROM tags WHERE key = $1 AND (value = $2))"},
        Row{"TagsOfImages",
            "SELECT resource, key, value FROM tags WHERE resource IN "
            "(SELECT id FROM images WHERE (name = $1))"},
        Row{"RunningBake",
            "SELECT id FROM bakes WHERE key = $1 AND state = 'running' AND same_as IS NULL"},
        Row{"SucceededBake",
            "SELECT id FROM bakes WHERE key = $1 AND state = 'succeeded' "
            "ORDER BY created_us DESC, id DESC LIMIT 1"},
        Row{"NewestBakes", "SELECT id FROM bakes ORDER BY created_us DESC, id DESC"},
        Row{"BakesByState",
            "SELECT id FROM bakes WHERE state IN ($1) ORDER BY created_us DESC, id DESC"},
        Row{"BakesByName",
            "SELECT id FROM bakes WHERE (name = $1) ORDER BY created_us DESC, id DESC"},
        Row{"EventsOfBake",
            "SELECT message FROM bake_events WHERE bake = $1 AND (attempt, sequence) > ($2, $3) "
            "ORDER BY attempt, sequence"},
        Row{"CheckpointByKey", "SELECT snapshot FROM checkpoints WHERE key = $1"},
        Row{"CachedVolume",
            "SELECT volume FROM volume_cache WHERE snapshot = $1 "
            "AND COALESCE(size_bytes, -1) = COALESCE($2, -1) ORDER BY since_us, volume LIMIT 1"},
        Row{"CheckpointsByUse", "SELECT key FROM checkpoints ORDER BY used_us, key"},
        Row{"OpenInstanceBuilds",
            "SELECT id FROM instance_builds WHERE TRUE AND open = $1 "
            "ORDER BY created_us DESC, id DESC LIMIT $2"},
        Row{"InstanceBuildsByState",
            "SELECT id FROM instance_builds WHERE TRUE AND state = $1 "
            "ORDER BY created_us DESC, id DESC LIMIT $2"},
        Row{"LiveInstances",
            "SELECT id, reason FROM instance_notes WHERE gone_us IS NULL ORDER BY id"},
        Row{"InstancesOfBuild",
            "SELECT id, reason FROM instance_notes WHERE build = $1 ORDER BY id"},
        Row{"ExecutionByArn", "SELECT number FROM executions WHERE arn = $1"},
        Row{"NewestExecutions",
            "SELECT arn, input FROM executions WHERE TRUE AND machine = $1 AND number < $2 "
            "ORDER BY number DESC LIMIT $3"},
        Row{"ExecutionsByStatus",
            "SELECT arn, input FROM executions WHERE TRUE AND machine = $1 AND status = $2 "
            "AND number < $3 ORDER BY number DESC LIMIT $4"},
        Row{"ExecutionsOfVersion",
            "SELECT arn, input FROM executions WHERE TRUE AND version = $1 AND version <> '' "
            "AND number < $2 ORDER BY number DESC LIMIT $3"},
        Row{"ExecutionsOfMapRun",
            "SELECT arn, input FROM executions WHERE TRUE AND map_run = $1 AND map_run <> '' "
            "AND number < $2 ORDER BY number DESC LIMIT $3"},
        Row{"ChildrenByIndex",
            "SELECT arn, input FROM executions WHERE map_run = $1 AND map_run <> '' "
            "AND map_index >= $2 ORDER BY map_index, number"},
        Row{"OpenExecutions", "SELECT number, arn FROM executions WHERE stopped_us IS NULL"},
        Row{"EndedExecutions",
            "SELECT number FROM executions WHERE stopped_us < $1 "
            "ORDER BY stopped_us, number LIMIT $2"},
        Row{"WaitingFrames",
            "SELECT key, wakes_us, waits_for, since_us FROM flow_frames WHERE waiting = 1"},
        Row{"WaitingNotification",
            "SELECT key FROM notifications WHERE channel = $1 AND state = 'waiting' "
            "ORDER BY due_us, number LIMIT 1"},
        Row{"SettledNotification",
            "UPDATE notifications SET state = $1 WHERE key = $2 AND channel = $3 "
            "AND attempts = $4 AND state = 'waiting'"},
        Row{"EndedNotifications", "DELETE FROM notifications WHERE ended_us < $1"},
        Row{"EntriesOfJob", "DELETE FROM ledger WHERE job = $1"},
        Row{"Entries", "SELECT name FROM ledger ORDER BY sequence"},
        Row{"UsersOfLayer", "SELECT id FROM layers WHERE backing = $1"}
    ),
    [](const auto& tested) { return tested.param.name; }
);

/// Counts the statements that a call runs on reading connections.
int statements_of(const std::function<void()>& call) {
    static int count;
    count = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(+[](sqlite3* connection) {
        return sqlite3_trace_v2(
            connection,
            SQLITE_TRACE_STMT,
            [](unsigned, void*, void*, void*) {
                ++count;
                return 0;
            },
            nullptr
        );
    }));
    call();
    sqlite3_reset_auto_extension();
    return count;
}

int statements_to_list(int images) {
    const Home home;
    ports::testing::FakeClock clock;
    {
        Store store{home.path()};
        SqliteCatalog catalog{store};
        const auto layer = LayerId::random();
        catalog.put_layer({.id = layer, .created = clock.now()});
        ports::SnapshotRecord snapshot;
        snapshot.snapshot.id = SnapshotId::random();
        snapshot.layer = layer;
        catalog.put_snapshot(snapshot, std::nullopt, std::nullopt);
        for (int i = 0; i < images; ++i) {
            ports::Image image;
            image.id = ImageId::random();
            image.name = "image " + std::to_string(i);
            image.root_snapshot = snapshot.snapshot.id;
            image.tags = {{"a", "1"}, {"b", "2"}};
            image.shared_with = {"111122223333"};
            catalog.put_image(image);
        }
    }
    return statements_of([&] {
        Store store{home.path()};
        SqliteCatalog catalog{store};
        EXPECT_EQ(catalog.images({}).size(), static_cast<std::size_t>(images));
        EXPECT_EQ(catalog.snapshots().size(), 1U);
        EXPECT_TRUE(catalog.unused_layers().empty());
    });
}

TEST(Listing, TakesTheSameStatementsHoweverManyThereAre) {
    const int few = statements_to_list(2);
    EXPECT_GT(few, 0);
    EXPECT_EQ(statements_to_list(20), few);
}

}  // namespace
}  // namespace kiln::sqlite
