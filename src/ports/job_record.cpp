#include "ports/job_record.hpp"

#include "base/hex.hpp"
#include "base/random.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace kiln::ports {

namespace {

constexpr std::size_t kLongestMessage = 10'000;  ///< of an error, in bytes
constexpr std::size_t kLongestQueueName = 80;
constexpr std::size_t kIdLetters = 24;
constexpr std::int64_t kMostRetries = 1'000;
constexpr std::chrono::hours kLongestDelay{24 * 365};
constexpr double kMillisecondsBegin = 1e11;  ///< as seconds, that were in the year 5138

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kLongestQueueName &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_';
           });
}

/// The retries that a job's own `retry` allows; -1 where it is not even to be kept as dead.
std::int64_t read_retries(const json::value* retry) {
    if (retry == nullptr || retry->is_null()) {
        return -1;
    }
    if (const auto* flag = retry->if_bool()) {
        return *flag ? kUsualRetries : -1;
    }
    if (retry->is_number()) {
        return std::clamp<std::int64_t>(retry->to_number<std::int64_t>(), 0, kMostRetries);
    }
    return kUsualRetries;
}

std::int64_t read_count(const json::object& record) {
    const auto* count = record.if_contains("retry_count");
    if (count == nullptr || !count->is_int64() || count->as_int64() < 0) {
        return 0;
    }
    return std::min(count->as_int64(), kMostRetries) + 1;
}

Duration retry_delay(std::int64_t count, double jitter) {
    const auto n = static_cast<double>(count);
    const auto seconds = std::pow(n, 4) + 15 + std::floor(jitter * 10) * (n + 1);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

bool wants_to_be_kept(const json::object& record) {
    const auto* dead = record.if_contains("dead");
    return dead == nullptr || !dead->is_bool() || dead->get_bool();
}

std::string shortened(std::string_view text) {
    auto good = to_utf8(text);
    good.resize(utf8_floor(good, kLongestMessage));
    return good;
}

}  // namespace

std::string random_job_id() {
    return to_hex(random_bytes<kIdLetters / 2>());
}

double job_time(TimePoint time) {
    return seconds_of(time.time_since_epoch());
}

std::optional<TimePoint> read_job_time(const json::value& value) {
    if (!value.is_number()) {
        return std::nullopt;
    }
    auto seconds = value.to_number<double>();
    if (seconds > kMillisecondsBegin) {
        seconds /= 1'000;
    }
    if (!(seconds >= 0 && seconds < kMillisecondsBegin)) {
        return std::nullopt;
    }
    return TimePoint{std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds})};
}

void check_order(const JobOrder& order) {
    std::vector<Problem> problems;
    if (order.kind.empty() || !is_utf8(order.kind)) {
        problems.push_back({"class", "it has to name who does the job, as \"HardWorker\" does"});
    }
    if (!is_name(order.queue)) {
        problems.push_back(
            {"queue",
             fmt::format("'{}'; it has to be 1 to 80 of A-Z a-z 0-9 - _", to_utf8(order.queue))}
        );
    }
    if (!order.id.empty() && (order.id.size() != kIdLetters || !is_hex(order.id))) {
        problems.push_back({"jid", "it has to be 24 hex digits"});
    }
    if (order.retries < 0 || order.retries > kMostRetries) {
        problems.push_back(
            {"retry", fmt::format("{}; it has to be 0 to {}", order.retries, kMostRetries)}
        );
    }
    if (order.delay.count() < 0 || order.delay > kLongestDelay) {
        problems.push_back(
            {"delay", fmt::format("{} s; it has to be 0 s to a year", order.delay.count())}
        );
    }
    if (!problems.empty()) {
        throw Error{"not a job", problems};
    }
}

json::object new_job_record(const JobOrder& order, std::string id, TimePoint now) {
    json::object record;
    if (order.retries == kUsualRetries) {
        record["retry"] = true;
    } else {
        record["retry"] = order.retries;
    }
    record["queue"] = order.queue;
    record["class"] = order.kind;
    record["args"] = order.args;
    record["jid"] = std::move(id);
    record["created_at"] = job_time(now);
    if (order.delay.count() == 0) {
        record["enqueued_at"] = job_time(now);
    }
    return record;
}

Job read_job(std::string_view text, std::string_view queue, std::string receipt) {
    auto value = parse_json(text);
    std::vector<Problem> problems;
    ObjectReader reader{value, "", problems};
    using enum ObjectReader::Need;
    Job job;
    job.queue = queue;
    job.receipt = std::move(receipt);
    job.kind = reader.string("class", required).value_or("");
    job.id = reader.string("jid", required).value_or("");
    if (const auto* args = reader.array("args", required)) {
        job.args = *args;
    }
    if (problems.empty() && (job.kind.empty() || job.id.empty())) {
        reader.complain(job.kind.empty() ? "class" : "jid", "it is empty");
    }
    if (!problems.empty()) {
        throw Error{"not a job", problems};
    }
    job.record = std::move(value.as_object());
    job.retries = read_count(job.record);
    job.most_retries = read_retries(job.record.if_contains("retry"));
    if (const auto* created = job.record.if_contains("created_at")) {
        job.created = read_job_time(*created).value_or(TimePoint{});
    }
    return job;
}

FailedJob after_failure(const Job& job, const JobFailure& failure, TimePoint now, double jitter) {
    FailedJob failed{{}, job.record};
    auto& record = failed.record;
    if (const auto* other = record.if_contains("retry_queue"); other && other->is_string()) {
        const auto name = other->as_string();
        record["queue"] = name;
    } else {
        record["queue"] = job.queue;
    }
    record["error_message"] = shortened(failure.message);
    record["error_class"] = shortened(failure.type);
    record[record.contains("retry_count") ? "retried_at" : "failed_at"] = job_time(now);
    record["retry_count"] = job.retries;
    if (job.retries < job.most_retries && !failure.for_good) {
        failed.fate = {JobFate::Kind::retried, now + retry_delay(job.retries, jitter)};
    } else if (job.most_retries < 0 || !wants_to_be_kept(record)) {
        failed.fate.kind = JobFate::Kind::dropped;
    } else {
        failed.fate.kind = JobFate::Kind::dead;
    }
    return failed;
}

json::object enqueued(json::object record, TimePoint now) {
    record.erase("at");
    record["enqueued_at"] = job_time(now);
    return record;
}

}  // namespace kiln::ports
