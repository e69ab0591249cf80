#include "instances/runner.hpp"

#include "instances/ending.hpp"

#include <fmt/format.h>

namespace kiln::instances {

void Runner::run(const Job& job) {
    const auto& queues = world_.settings.queues;
    if (job.queue == queues.builds) {
        builds_.run(job);
    } else if (job.queue == queues.terminations) {
        end_instance(world_, read_ending(job));
    } else if (job.queue == queues.life_cycle) {
        complete_action(job);
    } else {
        throw Error{
            ErrorKind::invalid, fmt::format("nobody here does the jobs of queue '{}'", job.queue)};
    }
}

void Runner::give_up(const Job& job, const Error& error) {
    const auto& queues = world_.settings.queues;
    if (job.queue == queues.builds) {
        builds_.give_up(job, error);
    } else if (job.queue == queues.terminations) {
        tell_not_ended(world_, read_ending(job), error.message());
    }
}

void Runner::complete_action(const Job& job) {
    if (job.args.size() != 1 || !job.args[0].is_object()) {
        throw Error{ErrorKind::invalid, "args must be one object, a life-cycle action"};
    }
    const auto action = life_cycle_action(job.args[0]);
    if (!world_.aws.complete) {
        throw Error{ErrorKind::invalid, "this server has no AWS account to complete actions in"};
    }
    try {
        world_.aws.complete(action);
    } catch (const Error& error) {
        // Nobody waits for it any more: its time was over, or it was completed before.
        if (error.kind() != ErrorKind::conflict) {
            throw;
        }
    }
    auto row = note_of(world_, action.instance);
    if (!row.life_cycle.empty() && life_cycle_action(json::parse(row.life_cycle)) == action) {
        row.life_cycle.clear();
        world_.store.put_instance(row);
    }
}

}  // namespace kiln::instances
