#include "bake/bake_run.hpp"
#include "bake/step.hpp"
#include "base/fault.hpp"
#include "jail/jail.hpp"
#include "os/quiet_filesystem.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

using Cause = jail::Outcome::Cause;

jail::Limits limits_of(const Request& request, std::chrono::steady_clock::time_point began) {
    const auto used =
        std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    jail::Limits limits;
    limits.memory = request.limits.memory;
    limits.processes = request.limits.processes;
    limits.time = std::max(request.limits.time - used, std::chrono::seconds{1});
    limits.idle = request.limits.idle;
    return limits;
}

/// The failed command as an error whose kind says what to do about it.
Error failure_of(
    const Request& request, const BootstrapCommand& command, const jail::Outcome& outcome
) {
    const auto what = fmt::format("command '{}'", command.run);
    switch (outcome.cause) {
        case Cause::timed_out:
            return Error{
                ErrorKind::timed_out,
                fmt::format("{} did not end within {} s", what, request.limits.time.count())}
                .hint("raise bootstrap.limits.seconds (--time)");
        case Cause::hung:
            return Error{
                ErrorKind::timed_out,
                fmt::format(
                    "{} hung: no output, CPU time or I/O for {} s; {}",
                    what,
                    request.limits.idle.count(),
                    outcome.detail
                )}
                .hint("raise bootstrap.limits.idle_seconds (--hang-after)");
        case Cause::out_of_memory:
            return Error{
                ErrorKind::internal, fmt::format("{} ran out of memory: {}", what, outcome.detail)}
                .hint("raise bootstrap.limits.memory_bytes (--memory)");
        case Cause::exited:
        case Cause::killed:
            break;
    }
    return Error{
        ErrorKind::internal, fmt::format("{} failed: {}", what, outcome.status.describe())};
}

void perform(BakeRun& run, const BootstrapCommand& command, const jail::Limits& limits) {
    auto plan = jail_plan(run.request, run.root->path(), {"/bin/sh", "-c", command.run});
    jail::GuestVisitors visitors{run.root->path(), plan.network};
    plan.files = visitors.files();
    const auto outcome = jail::run_jail(
        plan,
        limits,
        run.cgroup,
        [&](jail::Stream stream, const os::Line& line) { run.recorder.line(stream, line, "run"); },
        run.stop,
        run.deadline
    );
    visitors.revert();
    if (!outcome.ok()) {
        run.exit_status = outcome.status.describe();
        run.failed_command = command.run;
        throw failure_of(run.request, command, outcome);
    }
}

/// The volume's state after command number `done` - 1, kept for later bakes.
void checkpoint(BakeRun& run, std::size_t done) {
    fault_point("before:checkpoint");
    auto& world = run.world;
    ports::SnapshotSpec spec;
    spec.owner = run.job;
    spec.volume = run.volume->id;
    spec.description = fmt::format("checkpoint after command {} of {}", done, run.id.str());
    spec.tags = {{"kiln:checkpoint", run.resolved.checkpoint_keys[done - 1]}};
    ports::Snapshot snapshot;
    {
        const os::QuietFilesystem quiet{run.root->path()};
        snapshot = world.cloud.snapshots.create(spec, run.deadline);
    }
    fault_point("checkpoint");
    const auto now = world.clock.now();
    const bool kept = world.checkpoints.put(
        {run.resolved.checkpoint_keys[done - 1],
         snapshot.id,
         done,
         snapshot.stored,
         now,
         now,
         run.id}
    );
    if (kept) {
        world.ledger.release(run.job, {{ports::ResourceKind::snapshot, snapshot.id.str()}});
    }
    fault_point("after:checkpoint");
}

}  // namespace

void run_commands(BakeRun& run) {
    run.world.ledger.intend(run.job, {{ports::ResourceKind::cgroup, run.job.str()}});
    run.cgroup =
        os::Cgroup::make(run.job.str(), {run.request.limits.memory, run.request.limits.processes});
    const auto began = std::chrono::steady_clock::now();
    const auto& commands = run.request.commands;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        CommandRecord record{commands[i].run, Duration{0}, i < run.resume_at, false};
        if (!record.reused) {
            const auto start = std::chrono::steady_clock::now();
            perform(run, commands[i], limits_of(run.request, began));
            if (i < run.resolved.checkpoint_keys.size()) {
                checkpoint(run, i + 1);
                record.checkpointed = true;
            }
            record.took =
                std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
        }
        run.commands.push_back(std::move(record));
    }
    run.cgroup.remove();
}

}  // namespace kiln::bake
