#pragma once

#include "instances/jobs.hpp"
#include "ports/job_queue.hpp"

namespace kiln::instances {

/// Pushes jobs into queues of any driver. Sidekiq's `class` of each: Kiln::InstanceBuild,
/// Kiln::InstanceTermination, Kiln::InstanceLifecycleTransition.
class QueuedJobs final : public JobSink {
  public:
    /// `queue` outlives this.
    QueuedJobs(ports::JobQueue& queue, QueueNames names)
        : queue_{queue}, names_{std::move(names)} {}

    void push(const std::string& queue, const json::array& args) override;

  private:
    ports::JobQueue& queue_;
    QueueNames names_;
};

/// What a worker does with a job: runs it, and, if that was its last attempt, gives it up before
/// the queue buries it: killed in between, it is given up again. Throws what the job threw.
void do_job(JobRunner& runner, const ports::Job& job);

/// How the queue is told of it. Pure.
[[nodiscard]] ports::JobFailure failure_of(const Error& error);

}  // namespace kiln::instances
