#pragma once

#include "base/guarded.hpp"
#include "ports/clock.hpp"
#include "ports/job_queue.hpp"
#include "ports/queue.hpp"

#include <functional>
#include <set>
#include <string>

namespace kiln::jobs {

/// Where the dead jobs of a queue go.
[[nodiscard]] std::string dead_queue_of(const std::string& queue);

/// Jobs on any message queue: kiln's own, or SQS. A message's body is the job's JSON; one that is
/// tried again is a new message, with what happened in it, and waits by its delay (15 minutes at
/// most), and by its visibility for what is left of `at`.
/// Queues are made when they are first used, each with one for its dead (`builds-dead`).
class MessageJobs final : public ports::JobQueue {
  public:
    /// All outlive this. @param jitter  in [0, 1), `random_jitter`
    MessageJobs(
        ports::MessageQueue& messages,
        ports::QueueAdmin& admin,
        const ports::Clock& clock,
        std::function<double()> jitter
    );

    std::string push(const ports::JobOrder& order) override;
    [[nodiscard]] std::optional<ports::Job> take(
        const std::string& queue, std::chrono::seconds wait, const std::stop_token& stop
    ) override;
    void keep(const ports::Job& job) override;
    void finish(const ports::Job& job) override;
    ports::JobFate fail(const ports::Job& job, const ports::JobFailure& failure) override;

  private:
    void prepare(const std::string& queue);
    void send(const std::string& queue, json::object record, std::optional<TimePoint> due);
    void bury(const std::string& queue, const std::string& body, const std::string& receipt);
    [[nodiscard]] bool is_ours(const std::string& queue, const std::string& receipt);
    [[nodiscard]] std::optional<ports::Job> open(
        const std::string& queue, const ports::ReceivedMessage& message
    );

    ports::MessageQueue& messages_;
    ports::QueueAdmin& admin_;
    const ports::Clock& clock_;
    std::function<double()> jitter_;
    Guarded<std::set<std::string>> prepared_;
};

}  // namespace kiln::jobs
