#include "jobs/message_jobs.hpp"

#include "base/deadline.hpp"
#include "ports/job_record.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::jobs {

namespace {

using std::chrono::seconds;

std::optional<TimePoint> time_of(const json::object& record, std::string_view key) {
    const auto* value = record.if_contains(key);
    return value == nullptr ? std::nullopt : ports::read_job_time(*value);
}

/// How often a message may have been received before a worker took it: while it waited for `at`.
std::int64_t most_looks(const json::object& record) {
    const auto due = time_of(record, "at");
    if (!due) {
        return 0;
    }
    auto begun = time_of(record, "retried_at");
    begun = begun ? begun : time_of(record, "failed_at");
    begun = begun ? begun : time_of(record, "created_at");
    const auto waits =
        std::max(Duration{0}, *due - begun.value_or(*due)) / ports::kLongestVisibility;
    return waits + 2;
}

seconds whole_seconds_until(TimePoint due, TimePoint now) {
    return std::max(seconds{0}, std::chrono::ceil<seconds>(due - now));
}

}  // namespace

std::string dead_queue_of(const std::string& queue) {
    return queue + "-dead";
}

MessageJobs::MessageJobs(
    ports::MessageQueue& messages,
    ports::QueueAdmin& admin,
    const ports::Clock& clock,
    std::function<double()> jitter
)
    : messages_{messages}, admin_{admin}, clock_{clock}, jitter_{std::move(jitter)} {}

void MessageJobs::prepare(const std::string& queue) {
    if (prepared_.lock()->contains(queue)) {
        return;
    }
    for (const auto& name : {queue, dead_queue_of(queue)}) {
        ports::QueueSpec spec{.name = name, .visibility = ports::kJobLease};
        spec.retention = ports::kLongestRetention;
        try {
            admin_.create(spec);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::conflict) {  // it is there, as somebody else wants it
                throw;
            }
        }
    }
    prepared_.lock()->insert(queue);
}

void MessageJobs::send(
    const std::string& queue, json::object record, std::optional<TimePoint> due
) {
    ports::OutgoingMessage message;
    const auto now = clock_.now();
    if (due && *due > now) {
        record["at"] = ports::job_time(*due);
        message.delay = std::min(ports::kLongestMessageDelay, whole_seconds_until(*due, now));
    } else {
        record = ports::enqueued(std::move(record), now);
    }
    message.body = json::serialize(record);
    messages_.send(queue, {std::move(message)});
}

std::string MessageJobs::push(const ports::JobOrder& order) {
    ports::check_order(order);
    prepare(order.queue);
    const auto now = clock_.now();
    auto id = order.id.empty() ? ports::random_job_id() : order.id;
    send(order.queue, ports::new_job_record(order, id, now), now + order.delay);
    return id;
}

std::optional<ports::Job> MessageJobs::take(
    const std::string& queue, seconds wait, const std::stop_token& stop
) {
    ports::check(ports::ReceiveSpec{.wait = wait});
    prepare(queue);
    for (const auto deadline = Deadline::after(wait); !stop.stop_requested();) {
        const std::chrono::milliseconds left{deadline.poll_timeout()};
        const ports::ReceiveSpec spec{
            .at_most = 1, .wait = std::chrono::ceil<seconds>(left), .visibility = ports::kJobLease};
        const auto received = messages_.receive(queue, spec, stop);
        for (const auto& message : received) {
            if (auto job = open(queue, message)) {
                return job;
            }
        }
        if (received.empty() && deadline.passed()) {
            break;
        }
    }
    return std::nullopt;
}

std::optional<ports::Job> MessageJobs::open(
    const std::string& queue, const ports::ReceivedMessage& message
) {
    ports::Job job;
    try {
        job = ports::read_job(message.body, queue, message.receipt);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
        bury(queue, message.body, message.receipt);
        return std::nullopt;
    }
    const auto now = clock_.now();
    const auto due = time_of(job.record, "at");
    if (due && *due > now) {
        messages_.extend(
            queue,
            message.receipt,
            std::clamp(whole_seconds_until(*due, now), seconds{1}, ports::kLongestVisibility)
        );
        return std::nullopt;
    }
    if (message.receives > ports::kMostLostWorkers + most_looks(job.record)) {
        const ports::JobFailure poison{
            "Kiln::PoisonPill",
            fmt::format("{} workers died while they did it", ports::kMostLostWorkers),
            true};
        bury(
            queue,
            json::serialize(ports::after_failure(job, poison, now, 0).record),
            message.receipt
        );
        return std::nullopt;
    }
    return job;
}

void MessageJobs::bury(
    const std::string& queue, const std::string& body, const std::string& receipt
) {
    messages_.send(dead_queue_of(queue), {{.body = body}});
    messages_.remove(queue, receipt);
}

bool MessageJobs::is_ours(const std::string& queue, const std::string& receipt) {
    try {
        messages_.extend(queue, receipt, ports::kJobLease);
        return true;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found) {
            return false;
        }
        throw;
    }
}

void MessageJobs::keep(const ports::Job& job) {
    if (!is_ours(job.queue, job.receipt)) {
        throw Error{
            ErrorKind::conflict, fmt::format("job {} is done, or somebody else's by now", job.id)};
    }
}

void MessageJobs::finish(const ports::Job& job) {
    messages_.remove(job.queue, job.receipt);
}

ports::JobFate MessageJobs::fail(const ports::Job& job, const ports::JobFailure& failure) {
    auto failed = ports::after_failure(job, failure, clock_.now(), jitter_());
    if (!is_ours(job.queue, job.receipt)) {
        return failed.fate;
    }
    failed.record.erase("at");
    switch (failed.fate.kind) {
        case ports::JobFate::Kind::retried: {
            // The queue that the job asks for may be another one.
            const std::string queue{failed.record.at("queue").as_string()};
            prepare(queue);
            send(queue, std::move(failed.record), failed.fate.at);
            break;
        }
        case ports::JobFate::Kind::dead:
            messages_.send(dead_queue_of(job.queue), {{.body = json::serialize(failed.record)}});
            break;
        case ports::JobFate::Kind::dropped:
            break;
    }
    messages_.remove(job.queue, job.receipt);
    return failed.fate;
}

}  // namespace kiln::jobs
