#pragma once

#include "api/told_bake_store.hpp"
#include "cache/hot_volumes.hpp"
#include "cli/services.hpp"
#include "compute/local_machines.hpp"
#include "ledger/job.hpp"
#include "local/local_cloud.hpp"
#include "maintenance.hpp"
#include "notifications.hpp"
#include "ports/clock.hpp"
#include "qemu/machine_family.hpp"
#include "queue/embedded_queue.hpp"
#include "queue_drivers.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/checkpoint_store.hpp"
#include "sqlite/instance_store.hpp"
#include "sqlite/ledger.hpp"
#include "sqlite/store.hpp"
#include "sqlite/volume_cache.hpp"
#include "worker/periodic.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

namespace kiln {

/// The world of one command line: SQLite store and local cloud below the home folder. Parts are
/// made when they are first asked for. Not for several threads; what it hands out is.
class World final : public cli::Services {
  public:
    World(cli::Config config, cli::Needs needs, std::string version, Maintenance& maintenance);

    ports::Clock& clock() override { return clock_; }

    ports::Cloud cloud() override;
    ports::Machines machines() override;
    void keep_instance(const InstanceId& id, const std::stop_token& stop) override;
    std::vector<std::string> entry_command(const InstanceId& id, bool terminal) override;
    std::pair<std::string, std::uint16_t> ssh_address(const InstanceId& id) override;
    ports::BakeStore& bakes() override;
    ports::CheckpointStore& checkpoints() override;
    ports::Ledger& ledger() override;
    bake::Baker& baker() override;
    gc::World collection() override;
    cache::World volume_cache() override;
    void keep_volumes_hot() override;
    void undo_job(const JobId& job) override;
    std::filesystem::path job_folder(const JobId& job) override;
    void maintain_if_due(const std::vector<ImageId>& made) override;
    void serve(const cli::ServeOptions& options, const cli::ServiceRun& run) override;
    void work(const cli::WorkOptions& options, const cli::ServiceRun& run) override;
    ports::JobQueue& jobs(
        const ports::QueueReference& queue, const std::optional<std::string>& server
    ) override;
    void work_jobs(const cli::JobWorkOptions& options, const cli::ServiceRun& run) override;
    cli::Wire& wire() override;
    cli::QueueAccess queues(const std::optional<std::string>& server) override;
    cli::StatesApi& states(const std::optional<std::string>& server) override;
    ports::NotificationStore& notifications() override;
    std::vector<std::unique_ptr<notify::Channel>> notify_channels() override;
    cli::HostFacts host_facts(cli::DeepCheck deep, const std::stop_token& stop) override;

  private:
    /// Everything that stands on the store, made at once: it costs no more than the store itself.
    struct Parts {
        Parts(
            const cli::Config& config,
            const HolderId& holder,
            ports::Clock& clock,
            sqlite::LastEnd end
        );

        sqlite::Store store;
        sqlite::SqliteCatalog catalog;
        sqlite::SqliteBakeStore stored_bakes;
        api::ToldBakeStore bakes;
        sqlite::SqliteCheckpointStore checkpoints;
        sqlite::SqliteLedger ledger;
        sqlite::SqliteVolumeCache cache;
        sqlite::SqliteInstanceStore instances;
        sqlite::SqliteKeyPairStore keys;
        sqlite::SqliteSecurityGroupStore groups;
        sqlite::SqliteNotificationStore notifications;
        local::LocalCloud local;
        ports::Cloud cloud;
    };

    [[nodiscard]] std::filesystem::path run_folder() const { return config_.home / "run"; }

    [[nodiscard]] std::filesystem::path holders() const { return run_folder() / "holders"; }

    [[nodiscard]] bool alive(const HolderId& id) const;
    /// Takes requests from a queue and bakes them, until stop is requested.
    void consume(
        const ports::QueueReference& queue,
        std::size_t concurrency,
        const Notifications& notifications,
        const cli::ServiceRun& run
    );
    /// What dead processes of this host left is undone.
    [[nodiscard]] worker::Chore sweeping();
    /// Garbage is collected and the volume cache filled.
    [[nodiscard]] worker::Chore upkeep();
    /// What local instances stand on.
    [[nodiscard]] compute::World compute_world();
    /// The record of one that runs. @throws Error  not_found · conflict
    [[nodiscard]] ports::InstanceRecord running(const InstanceId& id);
    std::vector<gc::Item> instances(gc::DryRun dry_run);
    Parts& parts();
    ledger::Sweeper& sweeper();
    QueueDrivers& queue_drivers();
    void sweep_at_start();
    std::optional<bake::ReadyVolume> ready_volume(const JobId& job, const cache::Wanted& what);
    /// QEMU runs guests by KVM here: so set, or seen to work.
    [[nodiscard]] bool wants_kvm(const std::stop_token& stop) const;
    /// What runs the types vm.*; for a keeper.
    [[nodiscard]] qemu::MachineFamily machine_family();
    void boot_test(
        const JobId& job,
        const SnapshotId& snapshot,
        const std::string& marker,
        const std::stop_token& stop,
        Deadline deadline
    );
    std::vector<gc::Item> sweep(gc::DryRun dry_run);
    std::vector<gc::Item> reconcile(gc::DryRun dry_run);
    std::vector<gc::Item> cached_volumes(gc::DryRun dry_run, const std::stop_token& stop);
    std::vector<gc::Item> flatten(gc::DryRun dry_run, const std::stop_token& stop);

    cli::Config config_;
    cli::Needs needs_;
    std::string version_;
    Maintenance& maintenance_;
    ports::SystemClock clock_;
    std::optional<ledger::Holder> holder_;  ///< of verbs that make things
    std::unique_ptr<Parts> parts_;
    std::unique_ptr<ledger::Sweeper> sweeper_;
    std::unique_ptr<compute::LocalMachines> machines_;
    std::unique_ptr<bake::Baker> baker_;
    std::unique_ptr<cli::Wire> wire_;
    std::unique_ptr<QueueDrivers> queue_drivers_;
    std::unique_ptr<cli::StatesApi> states_;
    std::optional<notify::Settings> notify_settings_;  ///< of the channels of a verb
    queue::EmbeddedQueue* own_queues_ = nullptr;       ///< while this process serves
    std::atomic<bool> ready_volume_used_{false};
    std::unique_ptr<cache::HotVolumes> hot_;
};

}  // namespace kiln
