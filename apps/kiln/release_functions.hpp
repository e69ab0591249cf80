#pragma once

#include "cli/states_api.hpp"
#include "release/function_server.hpp"
#include "release/functions.hpp"
#include "worker/periodic.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace kiln {

/// Tasks of activities by the protocol of Step Functions.
class StatesTasks final : public release::TaskSource {
  public:
    /// @param api  outlives it; safe from several threads
    explicit StatesTasks(cli::StatesApi& api) : api_{api} {}

    std::optional<Task> take(
        const std::string& activity, const std::string& worker, const std::stop_token& stop
    ) override;
    void succeed(const std::string& token, const json::value& output) override;
    void fail(const std::string& token, const release::FunctionFailure& failure) override;
    bool beat(const std::string& token) override;

  private:
    cli::StatesApi& api_;
};

/// What histories tell.
class StatesExecutions final : public release::Executions {
  public:
    explicit StatesExecutions(cli::StatesApi& api) : api_{api} {}

    bool main_is_over(const std::string& execution, const std::stop_token& stop) override;

  private:
    cli::StatesApi& api_;
};

/// Starts no machines: a step's tasks wait for a worker that somebody starts.
class NoFleet final : public release::Workers {
  public:
    void ensure(const release::WorkerRequest& request, const std::stop_token& stop) override;
    void tend(const std::vector<release::WorkerRequest>& requests, const std::stop_token& stop)
        override;
};

/// The functions of every release that is deployed, served by this process: activities that
/// `kiln release deploy` has tagged are looked for now and then, and their tasks are answered.
class ReleaseFunctions {
  public:
    /// All outlives it.
    ReleaseFunctions(cli::StatesApi& api, release::Probe& probe, release::Workers& workers);
    ReleaseFunctions(ReleaseFunctions&&) = delete;

    /// What is under way is not waited for: it is given out again when its time is over.
    ~ReleaseFunctions() = default;

  private:
    /// Threads that serve one activity.
    struct Served {
        std::atomic<int> left{0};  ///< threads that have not ended
        std::vector<std::jthread> threads;
    };

    void look(const std::stop_token& stop);
    [[nodiscard]] std::string part_of(const std::string& arn, const std::stop_token& stop);
    void serve(const std::string& arn, const std::string& part);

    cli::StatesApi& api_;
    StatesTasks tasks_;
    StatesExecutions executions_;
    release::Ticks ticks_;
    release::Functions functions_;
    std::map<std::string, std::string> parts_;  ///< "" of activities that are none of ours
    std::map<std::string, std::unique_ptr<Served>> served_;
    worker::Periodic chores_;  ///< last: it uses all above
};

}  // namespace kiln
