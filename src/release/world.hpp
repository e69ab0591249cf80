#pragma once

#include "base/json.hpp"
#include "release/plan.hpp"

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// What the functions of a release need of the world.
namespace kiln::release {

/// Looks at what is there. Safe from several threads; blocks, seconds at most.
/// @throws Error  unavailable, timed_out, denied: it cannot be told
class Probe {
  public:
    virtual ~Probe() = default;

    /// Runs it in a shell with these variables and no others but PATH. @returns  its exit status
    virtual int command(
        const std::string& text, const Templates& environment, const std::stop_token& stop
    ) = 0;
    /// Is there an object of that URL (s3://BUCKET/KEY, file:///PATH, http://…)?
    virtual bool object_exists(const std::string& url, const std::stop_token& stop) = 0;
    /// The status that a GET of that URL ends with, redirects followed.
    virtual int http_status(const std::string& url, const std::stop_token& stop) = 0;
    /// The text behind that URL. @throws Error  not_found
    virtual std::string text(const std::string& url, const std::stop_token& stop) = 0;
};

/// What a step's tasks need for someone to do them.
struct WorkerRequest {
    std::string activity;  ///< ARN
    std::string step;
    std::string script, script_sha256;
    std::string init, init_sha256;  ///< "" none
    json::object worker;            ///< the plan's `worker`
    bool fake = false;              ///< the script is to be one that only sleeps a little
};

/// Starts workers. Safe from several threads.
class Workers {
  public:
    virtual ~Workers() = default;

    /// A task of that activity will be there in a moment.
    /// @throws Error  invalid: the worker's keys · exhausted, unavailable: try again
    virtual void ensure(const WorkerRequest& request, const std::stop_token& stop) = 0;
    /// Starts what is missing for the tasks that wait now. Fails for none of them alone.
    virtual void tend(const std::vector<WorkerRequest>& requests, const std::stop_token& stop) = 0;
};

/// What is known of an execution.
class Executions {
  public:
    virtual ~Executions() = default;
    /// Has its main branch come to its end (or has the execution)?
    virtual bool main_is_over(const std::string& execution, const std::stop_token& stop) = 0;
};

}  // namespace kiln::release
