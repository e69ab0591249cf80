#pragma once

#include "base/error.hpp"
#include "base/json.hpp"

#include <optional>
#include <string>

namespace kiln::instances {

/// The queues of the instance API's jobs. The names are the predecessor's.
struct QueueNames {
    std::string builds = "instance-builds";
    std::string terminations = "instance-terminations";
    std::string life_cycle = "instance-lifecycle-transitions";
};

/// A job as a queue's driver hands it over, whoever pushed it.
struct Job {
    std::string queue;
    std::string id;    ///< Sidekiq's jid
    json::array args;  ///< one object, or, of a termination, the instance's id
    std::int64_t retries = 0;
};

/// Where jobs go. Safe from several threads.
class JobSink {
  public:
    virtual ~JobSink() = default;
    /// Durable on return. @throws Error  unavailable · denied
    virtual void push(const std::string& queue, const json::array& args) = 0;
};

/// Would the same job do better later? What the request itself is at fault for, it would not.
[[nodiscard]] constexpr bool may_pass(ErrorKind kind) noexcept {
    return retryable(kind) || kind == ErrorKind::internal || kind == ErrorKind::cancelled;
}

/// Does jobs. Every job may be done twice, also at once: the outcome is the same.
/// Safe from several threads.
class JobRunner {
  public:
    virtual ~JobRunner() = default;
    /// @throws Error  `may_pass(kind())`: to be tried again; else it never will do, and what had to
    ///                be told was told: to be buried
    virtual void run(const Job& job) = 0;
    /// The job was tried for the last time, and `error` is why: tells it, ends what it began.
    virtual void give_up(const Job& job, const Error& error) = 0;
};

}  // namespace kiln::instances
