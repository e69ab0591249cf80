#include "ports/testing/bake_attempt_suite.hpp"
#include "ports/testing/bake_store_suite.hpp"
#include "ports/testing/catalog_image_suite.hpp"
#include "ports/testing/catalog_suite.hpp"
#include "ports/testing/checkpoint_store_suite.hpp"
#include "ports/testing/flow_store_suite.hpp"
#include "ports/testing/instance_build_store_suite.hpp"
#include "ports/testing/instance_store_suite.hpp"
#include "ports/testing/ledger_suite.hpp"
#include "ports/testing/machine_store_suite.hpp"
#include "ports/testing/notification_store_suite.hpp"
#include "ports/testing/queue_store_suite.hpp"
#include "ports/testing/volume_cache_suite.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/checkpoint_store.hpp"
#include "sqlite/flow_store.hpp"
#include "sqlite/instance_build_store.hpp"
#include "sqlite/instance_store.hpp"
#include "sqlite/ledger.hpp"
#include "sqlite/machine_store.hpp"
#include "sqlite/notification_store.hpp"
#include "sqlite/queue_store.hpp"
#include "sqlite/tests/home.hpp"
#include "sqlite/volume_cache.hpp"

namespace kiln::ports::testing {
namespace {

struct SqliteDriver {
    static std::optional<std::string> unavailable() { return std::nullopt; }

    sqlite::Home home_;
    sqlite::Store database_{home_.path()};
};

struct SqliteCatalogDriver : SqliteDriver {
    Catalog& catalog() { return catalog_; }

    sqlite::SqliteCatalog catalog_{database_};
};

struct SqliteBakeStoreDriver : SqliteDriver {
    BakeStore& store() { return store_; }

    sqlite::SqliteBakeStore store_{database_};
};

struct SqliteCheckpointStoreDriver : SqliteDriver {
    CheckpointStore& store() { return store_; }

    sqlite::SqliteCheckpointStore store_{database_};
};

struct SqliteFlowStoreDriver : SqliteDriver {
    FlowStore& store() { return store_; }

    sqlite::SqliteFlowStore store_{database_};
};

struct SqliteInstanceBuildsDriver : SqliteDriver {
    InstanceBuildStore& store() { return store_; }

    sqlite::SqliteInstanceBuilds store_{database_};
};

struct SqliteInstanceStoreDriver : SqliteDriver {
    InstanceStore& instances() { return instances_; }

    KeyPairStore& keys() { return keys_; }

    SecurityGroupStore& groups() { return groups_; }

    Ledger& ledger() { return ledger_; }

    FakeClock clock_;
    sqlite::SqliteInstanceStore instances_{database_};
    sqlite::SqliteKeyPairStore keys_{database_};
    sqlite::SqliteSecurityGroupStore groups_{database_};
    sqlite::SqliteLedger ledger_{database_, HolderId::random(), clock_};
};

struct SqliteLedgerDriver : SqliteDriver {
    Ledger& as(const HolderId& holder) {
        return views_.try_emplace(holder, database_, holder, clock_).first->second;
    }

    FakeClock& clock() { return clock_; }

    FakeClock clock_;
    std::map<HolderId, sqlite::SqliteLedger> views_;
};

struct SqliteMachineStoreDriver : SqliteDriver {
    MachineStore& store() { return store_; }

    sqlite::SqliteMachineStore store_{database_};
};

struct SqliteNotificationStoreDriver : SqliteDriver {
    NotificationStore& store() { return store_; }

    sqlite::SqliteNotificationStore store_{database_};
};

struct SqliteQueueStoreDriver : SqliteDriver {
    QueueStore& store() { return store_; }

    sqlite::SqliteQueueStore store_{database_};
};

struct SqliteVolumeCacheDriver : SqliteDriver {
    VolumeCache& cache() { return cache_; }

    Ledger& ledger() { return ledger_; }

    FakeClock& clock() { return clock_; }

    FakeClock clock_;
    HolderId holder_ = HolderId::random();
    sqlite::SqliteLedger ledger_{database_, holder_, clock_};
    sqlite::SqliteVolumeCache cache_{database_, holder_, clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, CatalogConformance, SqliteCatalogDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, CatalogImageConformance, SqliteCatalogDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, BakeStoreConformance, SqliteBakeStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, BakeAttemptConformance, SqliteBakeStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, CheckpointStoreConformance, SqliteCheckpointStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, FlowStoreConformance, SqliteFlowStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, InstanceBuildStoreConformance, SqliteInstanceBuildsDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, InstanceStoreConformance, SqliteInstanceStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, LedgerConformance, SqliteLedgerDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MachineStoreConformance, SqliteMachineStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, NotificationStoreConformance, SqliteNotificationStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, QueueStoreConformance, SqliteQueueStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, VolumeCacheConformance, SqliteVolumeCacheDriver);

}  // namespace
}  // namespace kiln::ports::testing
