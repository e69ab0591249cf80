#pragma once

#include "ports/job_queue.hpp"

#include <string>
#include <string_view>

/// A job's JSON, in Sidekiq's form (6.4; what later versions write is read as well). Pure.
/// Source: sidekiq/sidekiq, lib/sidekiq/{client,job_util,job_retry,api}.rb.
namespace kiln::ports {

/// 24 random hex digits, Sidekiq's `jid`.
[[nodiscard]] std::string random_job_id();

/// @throws Error  invalid: kind, queue, id or a number out of its range, all told at once
void check_order(const JobOrder& order);

/// `class, args, queue, jid, retry, created_at`; `enqueued_at` when it has no delay.
/// @param id  the order's, or a new one
[[nodiscard]] json::object new_job_record(const JobOrder& order, std::string id, TimePoint now);

/// A job as it came out of `queue`.
/// @throws Error  invalid: no JSON, or no job
[[nodiscard]] Job read_job(std::string_view text, std::string_view queue, std::string receipt);

/// What a failure makes of a job.
struct FailedJob {
    JobFate fate;
    json::object record;  ///< with retry_count, failed_at or retried_at, error_class, error_message
};

/// Tried again after `n^4 + 15 + jitter (n + 1)` seconds, n being the failures before this one;
/// dead when they were as many as it may have.
/// @param jitter  in [0, 1): up to ten seconds each
[[nodiscard]] FailedJob after_failure(
    const Job& job, const JobFailure& failure, TimePoint now, double jitter
);

/// The record as it goes into a queue at `now`: with `enqueued_at`, without `at`.
[[nodiscard]] json::object enqueued(json::object record, TimePoint now);

/// Float seconds since 1970, or whole milliseconds, which Sidekiq writes from 8.0 on.
[[nodiscard]] std::optional<TimePoint> read_job_time(const json::value& value);
[[nodiscard]] double job_time(TimePoint time);

}  // namespace kiln::ports
