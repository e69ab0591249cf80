#pragma once

#include "base/guarded.hpp"
#include "base/ids.hpp"
#include "jobs/workers.hpp"
#include "ports/ledger.hpp"
#include "queue_drivers.hpp"
#include "redis/presence.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

/// Jobs that are under way, in the ledger. Safe from several threads.
class HeldJobs {
  public:
    /// `ledger` outlives this. @param queues  that the jobs are of
    HeldJobs(ports::Ledger& ledger, std::vector<ports::QueueReference> queues)
        : ledger_{ledger}, queues_{std::move(queues)} {}

    void begun(const ports::Job& job);
    void ended(const ports::Job& job);

  private:
    [[nodiscard]] ports::Resource message_of(const ports::Job& job) const;

    ports::Ledger& ledger_;
    std::vector<ports::QueueReference> queues_;
    Guarded<std::map<std::string, JobId>> by_receipt_;
};

/// Workers for the jobs of some queues in one place, which log what they do; on Redis they are on
/// Sidekiq's web page meanwhile. Ends with hurry.
class JobService {
  public:
    struct Plan {
        std::vector<ports::QueueReference> queues;  ///< one at least, of the same place
        std::size_t concurrency = 1;                ///< jobs of each queue at once
        std::string version;
        jobs::Work work;
        std::function<void()> asked_to_stop;  ///< by the web page; from a thread of its own
        /// Of a process that has one: what it does of SQS' or kiln's own queues stands there, so
        /// that it is given back when the process dies, and not only when its lease ends. Redis'
        /// receipts mean nothing to whoever sweeps.
        ports::Ledger* ledger = nullptr;
    };

    /// Both outlive this. @throws Error  as QueueDrivers::jobs_of
    JobService(QueueDrivers& drivers, const ports::Clock& clock, Plan plan);
    JobService(const JobService&) = delete;
    JobService& operator=(const JobService&) = delete;

    /// Takes no more jobs; waits for those under way until the deadline, or until `hasten` is
    /// requested; the rest is asked to stop, and waited for.
    void drain(std::chrono::seconds at_most, const std::stop_token& hasten);

  private:
    [[nodiscard]] jobs::WorkNews news();

    std::unique_ptr<HeldJobs> held_;  ///< outlives the workers
    std::unique_ptr<jobs::Workers> workers_;
    std::unique_ptr<redis::Presence> presence_;  ///< goes first
};

}  // namespace kiln
