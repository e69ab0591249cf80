#pragma once

#include "base/guarded.hpp"
#include "ports/job_queue.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace kiln::jobs {

/// Does a job. nullopt: it is done. An Error that it throws is a failure that may pass, or one for
/// good (see `failure_of`). `stop`: somebody else has the job by now, or the process is in a hurry.
using Work =
    std::function<std::optional<ports::JobFailure>(const ports::Job&, const std::stop_token&)>;

/// What an error of a job means to its queue: `Kiln::NotFound` for good, `Kiln::Unavailable` not.
[[nodiscard]] ports::JobFailure failure_of(const Error& error);

/// How jobs end, for whoever logs. Called from the workers' threads.
struct WorkNews {
    std::function<void(const ports::Job&)> begun;
    /// The failure and what becomes of it; nullptr: done.
    std::function<void(const ports::Job&, const ports::JobFailure*, const ports::JobFate*)> ended;
    /// The queue does not answer: tried again after a pause.
    std::function<void(const Error&)> trouble;
};

struct WorkPlan {
    std::vector<std::string> queues;  ///< each gets `concurrency` threads
    std::size_t concurrency = 1;
    std::chrono::milliseconds keep_every = ports::kJobLease / 3;
    std::chrono::milliseconds longest_pause{30'000};  ///< after trouble
};

/// Threads that take jobs and do them, and keep them meanwhile.
class Workers {
  public:
    /// `jobs` outlives this.
    Workers(ports::JobQueue& jobs, Work work, WorkPlan plan, WorkNews news);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    /// As quiet() and hurry(), and waits for the threads.
    ~Workers();

    /// No more jobs are taken; those under way go on.
    void quiet() noexcept;

    [[nodiscard]] bool is_quiet() const noexcept { return quiet_.stop_requested(); }

    /// The jobs under way are asked to stop.
    void hurry() noexcept;
    /// Waits until all have ended after quiet().
    void join();

  private:
    struct Running {
        ports::Job job;
        std::stop_source stop;
    };

    void serve(const std::string& queue);
    void do_one(const ports::Job& job);
    void settle(const ports::Job& job, const std::optional<ports::JobFailure>& failure);
    void pause(unsigned attempt);
    void keep_all(const std::stop_token& stop);
    void keep(const ports::Job& job, std::stop_source& stop);

    ports::JobQueue& jobs_;
    Work work_;
    WorkPlan plan_;
    WorkNews news_;
    std::stop_source quiet_;
    std::stop_source hurry_;
    Guarded<std::map<std::string, Running>> running_;  ///< by receipt
    Guarded<bool> waiting_{false};                     ///< what pauses wait on
    std::condition_variable_any never_;
    std::vector<std::jthread> threads_;
    std::jthread keeper_;
};

}  // namespace kiln::jobs
