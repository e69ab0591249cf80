#pragma once

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "release/functions.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace kiln::release {

/// Where tasks of activities come from and go to: the protocol of Step Functions, as far as
/// functions need it. Safe from several threads.
class TaskSource {
  public:
    virtual ~TaskSource() = default;

    struct Task {
        std::string token;
        json::value input;
    };

    /// Waits for a task of that activity, up to a minute. nullopt: there was none.
    /// @throws Error  cancelled: `stop` · not_found: no such activity · unavailable
    virtual std::optional<Task> take(
        const std::string& activity, const std::string& worker, const std::stop_token& stop
    ) = 0;
    /// A task that is over already is no failure. @throws Error  unavailable
    virtual void succeed(const std::string& token, const json::value& output) = 0;
    virtual void fail(const std::string& token, const FunctionFailure& failure) = 0;
    /// @returns  false: the task is over
    virtual bool beat(const std::string& token) = 0;
};

/// The tasks by which health branches wait, kept until their execution's main branch is over. Safe
/// from several threads.
class Ticks {
  public:
    explicit Ticks(TaskSource& tasks) : tasks_{tasks} {}

    /// Keeps it; one whose execution has finished already is ended at once.
    void keep(const TaskSource::Task& task);
    /// The main branch of that round of an execution is over.
    /// @param round  as Functions tells it
    void finish(const std::string& round);
    /// To be called every few seconds: a heartbeat for each. Those that are over are forgotten.
    void beat();

    [[nodiscard]] std::size_t size();

  private:
    struct State {
        std::map<std::string, std::string> tokens;  ///< by round
        std::set<std::string, std::less<>> finished;
        std::deque<std::string> oldest_finished;
    };

    void end(const std::string& token);

    TaskSource& tasks_;
    Guarded<State> state_;
};

/// Takes and answers the function tasks of one plan's machine until `stop`. Blocks; several threads
/// may call it for the same activity.
/// @param worker  what it calls itself
/// @returns  when `stop` is requested, or the activity is gone
void serve_functions(
    TaskSource& tasks,
    Functions& functions,
    const std::string& activity,
    const std::string& worker,
    const std::stop_token& stop
);
void serve_ticks(
    TaskSource& tasks,
    Ticks& ticks,
    const std::string& activity,
    const std::string& worker,
    const std::stop_token& stop
);

}  // namespace kiln::release
