#include "ports/testing/bake_attempt_suite.hpp"
#include "ports/testing/bake_store_suite.hpp"
#include "ports/testing/catalog_image_suite.hpp"
#include "ports/testing/catalog_suite.hpp"
#include "ports/testing/checkpoint_store_suite.hpp"
#include "ports/testing/flow_store_suite.hpp"
#include "ports/testing/instance_build_store_suite.hpp"
#include "ports/testing/instances_suite.hpp"
#include "ports/testing/ledger_suite.hpp"
#include "ports/testing/machine_store_suite.hpp"
#include "ports/testing/memory_bakes.hpp"
#include "ports/testing/memory_catalog.hpp"
#include "ports/testing/memory_flow_store.hpp"
#include "ports/testing/memory_instance_builds.hpp"
#include "ports/testing/memory_ledger.hpp"
#include "ports/testing/memory_machine_store.hpp"
#include "ports/testing/memory_machines.hpp"
#include "ports/testing/memory_notification_store.hpp"
#include "ports/testing/memory_queue_store.hpp"
#include "ports/testing/memory_volume_cache.hpp"
#include "ports/testing/notification_store_suite.hpp"
#include "ports/testing/queue_store_suite.hpp"
#include "ports/testing/volume_cache_suite.hpp"

namespace kiln::ports::testing {
namespace {

struct MemoryDriver {
    static std::optional<std::string> unavailable() { return std::nullopt; }
};

struct MemoryCatalogDriver : MemoryDriver {
    Catalog& catalog() { return catalog_; }

    MemoryCatalog catalog_;
};

struct MemoryBakeStoreDriver : MemoryDriver {
    BakeStore& store() { return store_; }

    MemoryBakeStore store_;
};

struct MemoryCheckpointStoreDriver : MemoryDriver {
    CheckpointStore& store() { return store_; }

    MemoryCheckpointStore store_;
};

struct MemoryLedgerDriver : MemoryDriver {
    Ledger& as(const HolderId& holder) {
        return views_.try_emplace(holder, first_.other_holder(holder)).first->second;
    }

    FakeClock& clock() { return clock_; }

    FakeClock clock_;
    MemoryLedger first_{HolderId::random(), clock_};
    std::map<HolderId, MemoryLedger> views_;
};

struct MemoryFlowStoreDriver : MemoryDriver {
    FlowStore& store() { return store_; }

    MemoryFlowStore store_;
};

struct MemoryInstanceBuildsDriver : MemoryDriver {
    InstanceBuildStore& store() { return store_; }

    MemoryInstanceBuilds store_;
};

struct MemoryMachineStoreDriver : MemoryDriver {
    MachineStore& store() { return store_; }

    MemoryMachineStore store_;
};

struct MemoryNotificationStoreDriver : MemoryDriver {
    NotificationStore& store() { return store_; }

    MemoryNotificationStore store_;
};

struct MemoryQueueStoreDriver : MemoryDriver {
    QueueStore& store() { return store_; }

    MemoryQueueStore store_;
};

struct MemoryVolumeCacheDriver : MemoryDriver {
    VolumeCache& cache() { return cache_; }

    Ledger& ledger() { return ledger_; }

    FakeClock& clock() { return clock_; }

    FakeClock clock_;
    MemoryLedger ledger_{HolderId::random(), clock_};
    MemoryVolumeCache cache_{ledger_};
};

struct MemoryMachinesDriver : MemoryDriver {
    Machines machines() { return all_.machines(); }

    TagStore& tags() { return all_.tags(); }

    ImageId image() const { return image_; }

    static std::string type() { return "ct.small"; }

    Instance settled(const InstanceId& id) {
        all_.settle();
        InstanceFilter filter;
        filter.ids = {id};
        return all_.machines().instances.describe(filter).front();
    }

    FakeClock clock_;
    ImageId image_ = ImageId::random();
    MemoryMachines all_{clock_, [this](const ImageId& id) { return id == image_; }};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, InstancesConformance, MemoryMachinesDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, CatalogConformance, MemoryCatalogDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, CatalogImageConformance, MemoryCatalogDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BakeStoreConformance, MemoryBakeStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BakeAttemptConformance, MemoryBakeStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, CheckpointStoreConformance, MemoryCheckpointStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerConformance, MemoryLedgerDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, FlowStoreConformance, MemoryFlowStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, InstanceBuildStoreConformance, MemoryInstanceBuildsDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MachineStoreConformance, MemoryMachineStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, NotificationStoreConformance, MemoryNotificationStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, QueueStoreConformance, MemoryQueueStoreDriver);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, VolumeCacheConformance, MemoryVolumeCacheDriver);

}  // namespace
}  // namespace kiln::ports::testing
