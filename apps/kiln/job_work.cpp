#include "base/log.hpp"
#include "base/utf8.hpp"
#include "job_service.hpp"
#include "os/interrupt.hpp"
#include "os/spawn.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kiln {

namespace {

constexpr std::size_t kToldOfStderr = 2'000;  ///< bytes, of its end

std::string end_of(const std::string& text) {
    auto told =
        to_utf8(text.size() > kToldOfStderr ? text.substr(text.size() - kToldOfStderr) : text);
    while (told.ends_with('\n')) {
        told.pop_back();
    }
    return told;
}

/// A program that gets the job's JSON on its stdin.
jobs::Work run_program(std::vector<std::string> program) {
    return [program = std::move(program)](
               const ports::Job& job, const std::stop_token& stop
           ) -> std::optional<ports::JobFailure> {
        os::Command command;
        command.argv = program;
        command.environment = {
            {"KILN_JOB_CLASS", job.kind}, {"KILN_JOB_ID", job.id}, {"KILN_JOB_QUEUE", job.queue}};
        const auto ran = os::run_captured(
            std::move(command), Deadline::never(), stop, json::serialize(job.record) + "\n"
        );
        if (ran.status.ok()) {
            return std::nullopt;
        }
        const auto said = end_of(ran.err);
        return ports::JobFailure{
            "Kiln::ProgramFailed",
            said.empty() ? ran.status.describe()
                         : fmt::format("{}: {}", ran.status.describe(), said)};
    };
}

}  // namespace

void World::work_jobs(const cli::JobWorkOptions& options, const cli::ServiceRun& run) {
    queue_drivers().serve_from(options.server);
    std::vector<ports::QueueReference> queues;
    std::string shown;
    for (const auto& text : options.queues) {
        queues.push_back(ports::parse_queue_reference(text));
        queue_drivers().allow(queues.back());
        shown += (shown.empty() ? "" : ", ") + queues.back().shown();
    }
    if (!os::find_program(options.program.at(0))) {
        throw Error{ErrorKind::not_found, fmt::format("no program '{}'", options.program[0])};
    }
    if (queues[0].driver == ports::QueueDriver::redis) {
        auto& client = queue_drivers().redis_of(queues[0]).client;
        if (!client.is_durable()) {
            log_warning(
                "Redis does not write down what it is told before it answers: a job may be lost "
                "when "
                "it dies",
                {{"server", client.location().shown()},
                 {"settings", "appendonly yes, appendfsync always"}}
            );
        }
    }
    std::stop_source asked;
    const std::stop_callback on_stop{run.stop, [&] { asked.request_stop(); }};
    JobService service{
        queue_drivers(),
        clock_,
        {.queues = std::move(queues),
         .concurrency = options.concurrency,
         .version = version_,
         .work = run_program(options.program),
         .asked_to_stop = [&] { asked.request_stop(); }}};
    run.output.remark(fmt::format("kiln: taking jobs from {} (process {})\n", shown, ::getpid()));
    {
        const os::StopFd stopped{asked.get_token()};
        (void)os::wait_ready(-1, 0, &stopped, Deadline::never());
    }
    service.drain(config_.server_drain, run.hasten);
}

ports::JobQueue& World::jobs(
    const ports::QueueReference& queue, const std::optional<std::string>& server
) {
    queue_drivers().serve_from(server);
    queue_drivers().allow(queue);
    return queue_drivers().jobs_of(queue);
}

}  // namespace kiln
