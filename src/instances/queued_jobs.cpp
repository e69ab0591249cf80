#include "instances/queued_jobs.hpp"

namespace kiln::instances {

void QueuedJobs::push(const std::string& queue, const json::array& args) {
    ports::JobOrder order;
    order.queue = queue;
    order.args = args;
    if (queue == names_.builds) {
        order.kind = "Kiln::InstanceBuild";
    } else if (queue == names_.terminations) {
        order.kind = "Kiln::InstanceTermination";
    } else {
        order.kind = "Kiln::InstanceLifecycleTransition";
    }
    queue_.push(order);
}

void do_job(JobRunner& runner, const ports::Job& job) {
    const Job ours{.queue = job.queue, .id = job.id, .args = job.args, .retries = job.retries};
    try {
        runner.run(ours);
    } catch (const Error& error) {
        // One that can never do better has been given up by itself.
        if (may_pass(error.kind()) && job.is_last_attempt()) {
            runner.give_up(ours, error);
        }
        throw;
    }
}

ports::JobFailure failure_of(const Error& error) {
    return {
        .type = std::string{to_string(error.kind())},
        .message = error.message(),
        .for_good = !may_pass(error.kind())};
}

}  // namespace kiln::instances
