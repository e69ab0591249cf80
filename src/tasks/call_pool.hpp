#pragma once

#include "base/guarded.hpp"
#include "tasks/job.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace kiln::tasks {

/// Threads for calls that block, and the calls that wait for one.
class CallPool {
  public:
    /// @param most_waiting  more are refused
    CallPool(std::size_t threads, std::size_t most_waiting);
    CallPool(const CallPool&) = delete;
    CallPool& operator=(const CallPool&) = delete;
    ~CallPool();  ///< waits for those that run; what waits is dropped

    /// Does the work on one of the threads. It must not throw.
    /// @returns  false: too much waits already, it was not taken
    [[nodiscard]] bool post(std::function<void()> work);

    /// Does a job's work on one of the threads. When too much waits, the job fails with
    /// States.TaskFailed. What the work throws is the job's failure, too. A job that was cancelled
    /// meanwhile is passed over.
    void run(JobPtr job, std::function<void(const JobPtr&)> work);

  private:
    struct State {
        std::deque<std::function<void()>> waiting;
        bool stopped = false;
    };

    void work();

    std::size_t most_waiting_;
    Guarded<State> state_;
    std::condition_variable wake_;
    std::vector<std::jthread> threads_;
};

}  // namespace kiln::tasks
