#pragma once

#include "jobs/workers.hpp"
#include "queue_drivers.hpp"
#include "redis/presence.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kiln {

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
        /// Of each attempt; may be empty, and must not throw.
        std::function<void(const ports::Job&)> begun, ended;
    };

    /// Both outlive this. @throws Error  as QueueDrivers::jobs_of
    JobService(QueueDrivers& drivers, const ports::Clock& clock, Plan plan);
    JobService(const JobService&) = delete;
    JobService& operator=(const JobService&) = delete;

    /// Takes no more jobs.
    void quiet() noexcept { workers_->quiet(); }

    /// Takes no more jobs; waits for those under way until the deadline, or until `hasten` is
    /// requested; the rest is asked to stop, and waited for.
    void drain(std::chrono::seconds at_most, const std::stop_token& hasten);

  private:
    std::unique_ptr<jobs::Workers> workers_;
    std::unique_ptr<redis::Presence> presence_;  ///< goes first
};

}  // namespace kiln
