#pragma once

#include "base/guarded.hpp"
#include "ports/clock.hpp"
#include "ports/job_queue.hpp"
#include "redis/client.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kiln::redis {

/// A job in the hands of this process.
struct BusyJob {
    std::string queue;
    std::string payload;  ///< its JSON
    TimePoint since;
};

/// Jobs in Sidekiq's own keys, so that its clients, workers and web page see the same ones. Unlike
/// Sidekiq's, a job that is taken stays on the server until it is done: see README.md.
class SidekiqJobs final : public ports::JobQueue {
  public:
    /// All outlive this. @param jitter  in [0, 1), `random_jitter`
    SidekiqJobs(Client& client, const ports::Clock& clock, std::function<double()> jitter);

    std::string push(const ports::JobOrder& order) override;
    /// What is due of `schedule` and `retry`, of all queues, is looked for meanwhile, once a
    /// second.
    [[nodiscard]] std::optional<ports::Job> take(
        const std::string& queue, std::chrono::seconds wait, const std::stop_token& stop
    ) override;
    void keep(const ports::Job& job) override;
    void finish(const ports::Job& job) override;
    ports::JobFate fail(const ports::Job& job, const ports::JobFailure& failure) override;

    /// Puts what is due of `schedule` and `retry` into its queues. How many that were.
    std::size_t enqueue_due();

    /// By receipt.
    [[nodiscard]] std::map<std::string, BusyJob> busy();

  private:
    struct End {
        std::string_view how;    ///< "finished", "failed"
        std::string_view where;  ///< "retry", "dead", ""
        std::string payload;
        std::string score;
    };

    void maybe_enqueue_due();
    std::size_t enqueue_due_of(const std::string& key);
    void end(const std::string& queue, const std::string& receipt, End end);
    [[nodiscard]] std::optional<ports::Job> open(
        const std::string& queue, const std::string& receipt, const std::string& payload
    );

    Client& client_;
    const ports::Clock& clock_;
    std::function<double()> jitter_;
    Guarded<std::map<std::string, BusyJob>> busy_;
    Guarded<std::optional<TimePoint>> looked_;  ///< for what is due
};

}  // namespace kiln::redis
