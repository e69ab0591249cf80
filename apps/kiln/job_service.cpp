#include "job_service.hpp"

#include "base/log.hpp"
#include "worker/queues.hpp"

#include <algorithm>
#include <condition_variable>

namespace kiln {

namespace {

void log_begin(const ports::Job& job) {
    log_info("job begins", {{"job", job.id}, {"class", job.kind}, {"queue", job.queue}});
}

void log_end(const ports::Job& job, const ports::JobFailure* failure, const ports::JobFate* fate) {
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
}

}  // namespace

ports::Resource HeldJobs::message_of(const ports::Job& job) const {
    const auto queue = std::find_if(queues_.begin(), queues_.end(), [&](const auto& one) {
        return one.name == job.queue;
    });
    return worker::message_resource(*queue, job.receipt);
}

void HeldJobs::begun(const ports::Job& job) {
    const auto id = JobId::random();
    try {
        ledger_.intend(id, {message_of(job)});
        by_receipt_.lock()->emplace(job.receipt, id);
    } catch (const Error& error) {  // its lease ends in any case
        log_warning("a job is not in the ledger", {{"job", job.id}, {"why", error.message()}});
    }
}

void HeldJobs::ended(const ports::Job& job) {
    const auto node = by_receipt_.lock()->extract(job.receipt);
    if (node.empty()) {
        return;
    }
    try {
        ledger_.release_all(node.mapped());
    } catch (const Error& error) {  // given back when this process has ended: nobody has it then
        log_warning("a job stays in the ledger", {{"job", job.id}, {"why", error.message()}});
    }
}

jobs::WorkNews JobService::news() {
    return {
        .begun =
            [this](const ports::Job& job) {
                log_begin(job);
                if (held_) {
                    held_->begun(job);
                }
            },
        .ended =
            [this](const auto& job, const auto* failure, const auto* fate) {
                log_end(job, failure, fate);
                if (held_) {
                    held_->ended(job);
                }
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

JobService::JobService(QueueDrivers& drivers, const ports::Clock& clock, Plan plan) {
    const auto& first = plan.queues.at(0);
    auto& queue = drivers.jobs_of(first);
    std::vector<std::string> names;
    for (const auto& each : plan.queues) {
        names.push_back(each.name);
    }
    if (plan.ledger != nullptr && first.driver != ports::QueueDriver::redis) {
        held_ = std::make_unique<HeldJobs>(*plan.ledger, plan.queues);
    }
    const auto threads = static_cast<int>(plan.concurrency * names.size());
    workers_ = std::make_unique<jobs::Workers>(
        queue,
        std::move(plan.work),
        jobs::WorkPlan{.queues = names, .concurrency = plan.concurrency},
        news()
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

}  // namespace kiln
