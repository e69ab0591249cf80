#include "redis/sidekiq_jobs.hpp"

#include "ports/job_record.hpp"
#include "ports/queue_rules.hpp"
#include "redis/message_record.hpp"
#include "redis/take.hpp"

#include <fmt/format.h>

namespace kiln::redis {

namespace {

constexpr std::chrono::seconds kLookForDue{1};
constexpr std::size_t kDueAtOnce = 100;

std::string score_of(TimePoint time) {
    return fmt::format("{:.6f}", ports::job_time(time));
}

std::string day_of(TimePoint time) {
    return format_time(time).substr(0, 10);
}

/// Where a job that is due goes, and as what; an empty text: it is no job.
struct Due {
    std::string queue;
    std::string text;
};

Due read_due(const std::string& payload, TimePoint now) {
    try {
        auto job = ports::read_job(payload, "", "");
        const auto* queue = job.record.if_contains("queue");
        if (queue != nullptr && queue->is_string() && !queue->get_string().empty()) {
            std::string name{queue->get_string()};
            return {std::move(name), json::serialize(ports::enqueued(std::move(job.record), now))};
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
    }
    return {"none", ""};
}

}  // namespace

SidekiqJobs::SidekiqJobs(Client& client, const ports::Clock& clock, std::function<double()> jitter)
    : client_{client}, clock_{clock}, jitter_{std::move(jitter)} {}

std::string SidekiqJobs::push(const ports::JobOrder& order) {
    ports::check_order(order);
    const auto now = clock_.now();
    auto id = order.id.empty() ? ports::random_job_id() : order.id;
    const auto record = ports::new_job_record(order, id, now);
    client_.run(
        scripts::push_job(),
        {order.queue,
         json::serialize(record),
         order.delay.count() > 0 ? score_of(now + order.delay) : std::string{}}
    );
    return id;
}

std::optional<ports::Job> SidekiqJobs::take(
    const std::string& queue, std::chrono::seconds wait, const std::stop_token& stop
) {
    ports::check(ports::ReceiveSpec{.wait = wait});
    const TakeSpec spec{.queue = queue, .lease = ports::kJobLease, .messages = false};
    for (const auto deadline = Deadline::after(wait);;) {
        maybe_enqueue_due();
        const auto left = std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds{
            deadline.poll_timeout()});
        const auto taken = redis::take(client_, spec, std::min(left, kLookForDue), stop);
        for (const auto& [receipt, payload] : taken) {
            if (auto job = open(queue, receipt, payload)) {
                return job;
            }
        }
        if (stop.stop_requested() || (taken.empty() && deadline.passed())) {
            return std::nullopt;
        }
    }
}

std::optional<ports::Job> SidekiqJobs::open(
    const std::string& queue, const std::string& receipt, const std::string& payload
) {
    std::optional<ports::Job> job;
    try {
        job = ports::read_job(payload, queue, receipt);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
        end(queue, receipt, {"failed", "dead", payload, ""});
        return std::nullopt;
    }
    const auto lost = read_receipt(receipt).count - 1;
    if (lost >= ports::kMostLostWorkers) {
        const ports::JobFailure poison{
            "Kiln::PoisonPill", fmt::format("{} workers died while they did it", lost), true};
        auto failed = ports::after_failure(*job, poison, clock_.now(), 0);
        end(queue, receipt, {"failed", "dead", json::serialize(failed.record), ""});
        return std::nullopt;
    }
    busy_.lock()->insert_or_assign(receipt, BusyJob{queue, payload, clock_.now()});
    return job;
}

void SidekiqJobs::keep(const ports::Job& job) {
    const auto milliseconds = std::chrono::milliseconds{ports::kJobLease}.count();
    const auto reply = client_.run(
        scripts::extend(), {job.queue, job.receipt, std::to_string(milliseconds)}, Again::yes
    );
    if (reply.at(0).text != "ok") {
        busy_.lock()->erase(job.receipt);
        throw Error{
            ErrorKind::conflict, fmt::format("job {} is done, or somebody else's by now", job.id)};
    }
}

void SidekiqJobs::end(const std::string& queue, const std::string& receipt, End end) {
    client_.run(
        scripts::end_job(),
        {queue,
         receipt,
         day_of(clock_.now()),
         std::string{end.how},
         std::string{end.where},
         std::move(end.payload),
         std::move(end.score)},
        Again::yes
    );
}

void SidekiqJobs::finish(const ports::Job& job) {
    end(job.queue, job.receipt, {"finished", "", "", ""});
    busy_.lock()->erase(job.receipt);
}

ports::JobFate SidekiqJobs::fail(const ports::Job& job, const ports::JobFailure& failure) {
    auto failed = ports::after_failure(job, failure, clock_.now(), jitter_());
    End how{"failed", "", "", ""};
    switch (failed.fate.kind) {
        case ports::JobFate::Kind::retried:
            how = {"failed", "retry", json::serialize(failed.record), score_of(failed.fate.at)};
            break;
        case ports::JobFate::Kind::dead:
            how = {"failed", "dead", json::serialize(failed.record), ""};
            break;
        case ports::JobFate::Kind::dropped:
            break;
    }
    end(job.queue, job.receipt, std::move(how));
    busy_.lock()->erase(job.receipt);
    return failed.fate;
}

std::map<std::string, BusyJob> SidekiqJobs::busy() {
    return *busy_.lock();
}

void SidekiqJobs::maybe_enqueue_due() {
    const auto now = clock_.now();
    {
        auto looked = looked_.lock();
        if (*looked && **looked <= now && now - **looked < kLookForDue) {
            return;
        }
        *looked = now;
    }
    enqueue_due();
}

std::size_t SidekiqJobs::enqueue_due() {
    return enqueue_due_of("retry") + enqueue_due_of("schedule");
}

std::size_t SidekiqJobs::enqueue_due_of(const std::string& key) {
    std::size_t count = 0;
    for (;;) {
        const auto now = clock_.now();
        const auto due = client_.call(
            {"ZRANGEBYSCORE", key, "-inf", score_of(now), "LIMIT", "0", std::to_string(kDueAtOnce)}
        );
        for (const auto& item : due.items) {
            auto [queue, text] = read_due(item.text, now);
            // Somebody else may have been faster: then it is gone, and nothing happens.
            count += static_cast<std::size_t>(
                client_.run(scripts::enqueue_due(), {queue, key, item.text, std::move(text)})
                    .number()
            );
        }
        if (due.items.size() < kDueAtOnce) {
            return count;
        }
    }
}

}  // namespace kiln::redis
