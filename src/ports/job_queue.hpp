#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

/// Jobs in queues: a kind of work with arguments, which is tried again later when it fails, and set
/// aside when it failed too often. The words are Sidekiq's: on Redis its clients, workers and web
/// page see the same jobs.
namespace kiln::ports {

/// Attempts after the first one, unless the job says otherwise. Sidekiq's.
inline constexpr std::int64_t kUsualRetries = 25;

/// Work to be done.
struct JobOrder {
    std::string kind;   ///< Sidekiq's `class`: who is able to do it
    std::string queue;  ///< plain name
    json::array args;
    std::int64_t retries = kUsualRetries;
    std::chrono::seconds delay{0};  ///< not before so long from now
    std::string id;  ///< 24 hex digits; "": a new one. The same id is not pushed once!
};

/// A job that somebody was given to do.
struct Job {
    std::string queue;
    std::string id;    ///< Sidekiq's `jid`
    std::string kind;  ///< Sidekiq's `class`
    json::array args;
    std::int64_t retries = 0;                   ///< failures so far
    std::int64_t most_retries = kUsualRetries;  ///< how many are allowed to be tried again
    TimePoint created;
    std::string receipt;  ///< of this delivery
    json::object record;  ///< the whole job as it is in the queue

    /// No failure of this attempt is tried again.
    [[nodiscard]] bool is_last_attempt() const noexcept { return retries >= most_retries; }
};

/// Why a job failed, as people see it.
struct JobFailure {
    std::string type;       ///< Sidekiq's `error_class`: "unavailable", "Kiln::Unavailable"
    std::string message;    ///< its first 10,000 bytes are kept
    bool for_good = false;  ///< trying again would not help: set aside at once
};

struct JobFate {
    enum class Kind {
        retried,  ///< it comes again at `at`
        dead,     ///< set aside, for people to look at
        dropped,  ///< forgotten, as the job itself asks for (`retry: false`, `dead: false`)
    };
    Kind kind = Kind::retried;
    TimePoint at;  ///< of a retried one
};

/// What becomes of jobs. Whoever takes one does it, `keep`s it meanwhile, and says how it ended.
/// At least once: one whose worker dies comes again. Safe from several threads.
class JobQueue {
  public:
    virtual ~JobQueue() = default;

    /// Durable on return. A queue that is not there is made.
    /// @return the job's id
    /// @throws Error  invalid: kind, queue, id, delay · unavailable · timed_out · exhausted ·
    /// denied
    virtual std::string push(const JobOrder& order) = 0;

    /// The next job of that queue; none after `wait`, or at once when stop is requested. What is no
    /// job is set aside, and not given out.
    /// @param wait  0 to 20 s
    /// @throws Error  as push
    [[nodiscard]] virtual std::optional<Job> take(
        const std::string& queue, std::chrono::seconds wait, const std::stop_token& stop
    ) = 0;

    /// The job stays with its worker for another `kJobLease` from now: to be called three times in
    /// that span. @throws Error  conflict: it has been given to somebody else, or is done · as push
    virtual void keep(const Job& job) = 0;

    /// It is done, and gone. Done already is success. @throws Error  as push
    virtual void finish(const Job& job) = 0;

    /// It failed: see JobFate. One that is somebody else's by now is left alone.
    /// @throws Error  as push
    virtual JobFate fail(const Job& job, const JobFailure& failure) = 0;
};

/// How long a job stays with a worker of which nothing is heard.
inline constexpr std::chrono::seconds kJobLease{60};

/// A job that so many workers did not survive is not given to another one. Sidekiq Pro's number.
inline constexpr std::int64_t kMostLostWorkers = 3;

}  // namespace kiln::ports
