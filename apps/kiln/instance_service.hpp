#pragma once

#include "api/instances/routes.hpp"
#include "cli/config.hpp"
#include "instances/desk.hpp"
#include "instances/queued_jobs.hpp"
#include "instances/runner.hpp"
#include "job_service.hpp"
#include "notify/notifier.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/ledger.hpp"
#include "queue_drivers.hpp"
#include "sqlite/instance_build_store.hpp"
#include "tasks/call_pool.hpp"
#include "worker/periodic.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kiln {

/// What the instance API of a home needs of the rest of the service. All outlives it.
struct InstanceServiceWorld {
    const cli::Config& config;
    sqlite::Store& store;
    ports::Images& images;
    ports::TagStore& tags;
    ports::Machines machines;
    ports::Ledger& ledger;
    notify::Notifier& notifier;
    const ports::Clock& clock;
    QueueDrivers& drivers;
    const std::string& version;
    std::string owner;                               ///< of this installation's machines
    std::function<bool(std::string_view)> is_token;  ///< in constant time
    std::function<void()> stop;                      ///< begins the end of the server
};

/// The desk that hands out machines, its jobs and its upkeep. Built in the order of its members,
/// ended in reverse.
class InstanceService {
  public:
    /// Answers from here on; jobs wait for `begin`.
    /// @throws Error  invalid, not_found: template and variables of the settings
    explicit InstanceService(InstanceServiceWorld world);
    InstanceService(InstanceService&&) = delete;

    ~InstanceService() { close(); }

    [[nodiscard]] std::vector<api::Route> routes();

    /// Does jobs, and looks at the cloud, from here on.
    /// @param url  of this server as its machines reach it, where the settings name no other
    void begin(const std::string& url);

    /// No more jobs are taken; those under way come to their end.
    void close();

  private:
    /// Into the outbox of notifications.
    class ToldNotices final : public instances::Notices {
      public:
        explicit ToldNotices(notify::Notifier& notifier) : notifier_{notifier} {}

        void tell(const instances::Notice& notice) override;

      private:
        notify::Notifier& notifier_;
    };

    [[nodiscard]] ports::QueueReference place_of(const std::string& queue) const;
    [[nodiscard]] ports::JobQueue& connect_jobs();
    [[nodiscard]] JobService::Plan job_plan();
    [[nodiscard]] std::optional<ports::JobFailure> work(const ports::Job& job);

    InstanceServiceWorld world_;
    instances::Settings settings_;
    sqlite::SqliteInstanceBuilds builds_;
    instances::Cache cache_;
    instances::ImageCatalog images_;
    ToldNotices notices_;
    instances::QueuedJobs jobs_;
    instances::World parts_;
    instances::Desk desk_;
    instances::Runner runner_;
    tasks::CallPool aside_;
    std::optional<JobService> workers_;
    std::optional<worker::Periodic> chores_;
};

}  // namespace kiln
