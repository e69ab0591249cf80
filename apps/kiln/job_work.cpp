#include "base/log.hpp"
#include "base/utf8.hpp"
#include "job_service.hpp"
#include "os/interrupt.hpp"
#include "os/spawn.hpp"
#include "world.hpp"

#include <condition_variable>

#include <fmt/format.h>

#include <unistd.h>

namespace kiln {

namespace {

constexpr std::size_t kToldOfStderr = 2'000;  ///< bytes, of its end

jobs::WorkNews logged() {
    return {
        .begun =
            [](const ports::Job& job) {
                log_info(
                    "job begins", {{"job", job.id}, {"class", job.kind}, {"queue", job.queue}}
                );
            },
        .ended =
            [](const ports::Job& job, const ports::JobFailure* failure, const ports::JobFate* fate
            ) {
                if (failure == nullptr) {
                    log_info("job is done", {{"job", job.id}, {"class", job.kind}});
                    return;
                }
                const bool again = fate->kind == ports::JobFate::Kind::retried;
                log_warning(
                    again ? "job failed and is tried again" : "job failed and is set aside",
                    {{"job", job.id},
                     {"class", job.kind},
                     {"error", failure->message},
                     {"at", again ? format_time(fate->at) : "never"}}
                );
            },
        .trouble =
            [](const Error& error) {
                log_warning(
                    "the job queue does not do what it is asked; trying again",
                    {{"error", error.message()}}
                );
            },
    };
}

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

JobService::JobService(QueueDrivers& drivers, const ports::Clock& clock, Plan plan) {
    const auto& first = plan.queues.at(0);
    auto& queue = drivers.jobs_of(first);
    std::vector<std::string> names;
    for (const auto& each : plan.queues) {
        names.push_back(each.name);
    }
    const auto threads = static_cast<int>(plan.concurrency * names.size());
    workers_ = std::make_unique<jobs::Workers>(
        queue,
        std::move(plan.work),
        jobs::WorkPlan{.queues = names, .concurrency = plan.concurrency},
        logged()
    );
    if (first.driver != ports::QueueDriver::redis) {
        return;
    }
    auto& place = drivers.redis_of(first);
    auto facts = redis::facts_of_this_process(clock.now());
    facts.queues = std::move(names);
    facts.concurrency = threads;
    facts.version = plan.version;
    presence_ = std::make_unique<redis::Presence>(
        place.client,
        place.jobs,
        std::move(facts),
        clock,
        redis::Presence::Hooks{
            .on_signal =
                [this, stop = std::move(plan.asked_to_stop)](redis::PageSignal signal) {
                    log_info(
                        "Sidekiq's page asks",
                        {{"for", signal == redis::PageSignal::quiet ? "quiet" : "stop"}}
                    );
                    workers_->quiet();
                    if (signal == redis::PageSignal::stop) {
                        stop();
                    }
                },
            .on_error =
                [](const Error& error) {
                    log_warning(
                        "not on Sidekiq's page; trying again", {{"error", error.message()}}
                    );
                },
            .is_quiet = [this] { return workers_->is_quiet(); }}
    );
}

void JobService::drain(std::chrono::seconds at_most, const std::stop_token& hasten) {
    workers_->quiet();
    std::mutex mutex;
    std::condition_variable_any ended;
    bool done = false;
    std::jthread hurrier{[&](const std::stop_token& stop) {
        std::unique_lock lock{mutex};
        const std::stop_callback on_hasten{hasten, [&] { workers_->hurry(); }};
        if (!ended.wait_for(lock, stop, at_most, [&] { return done; }) && !stop.stop_requested()) {
            workers_->hurry();
        }
    }};
    workers_->join();
    hurrier.request_stop();
}

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
                "Redis does not write down what it is told: a job may be lost when it dies",
                {{"server", client.location().shown()}, {"setting", "appendonly yes"}}
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
