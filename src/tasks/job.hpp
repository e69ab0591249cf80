#pragma once

#include "base/guarded.hpp"
#include "base/json.hpp"
#include "flow/task_runner.hpp"

#include <functional>
#include <memory>
#include <shared_mutex>
#include <stop_token>

namespace kiln::tasks {

/// Through which all reports go, and none after it is closed.
class ReportGate {
  public:
    /// Calls it, unless closed.
    void pass(const std::function<void()>& report);
    /// No report is under way when this returns, and none comes later.
    void close();

  private:
    std::shared_mutex mutex_;
    bool closed_ = false;  ///< guarded by it
};

/// One call under way, and the duty to report it: started, perhaps submitted, then one end. Shared
/// by those who work on it. A job that is dropped unended reports nothing: it is run again when the
/// process comes back. Safe from several threads.
class Job {
  public:
    using At = flow::TaskReport::At;

    /// @param over  called once, with the job's end or cancellation
    Job(flow::TaskCall call,
        flow::TaskRunner::Report report,
        std::shared_ptr<ReportGate> gate,
        std::function<void()> over);

    [[nodiscard]] const flow::TaskCall& call() const noexcept { return call_; }

    [[nodiscard]] std::stop_token stop() const noexcept { return stop_.get_token(); }

    void started();
    /// The service took it. The end of one that waits for its token is reported by others: it is
    /// over here.
    void submitted(json::value output);
    void succeeded(json::value output);
    void failed(flow::TaskFailure failure, At at = At::run);

    /// The service's answer: the end of a call, the submission of what is waited for.
    void answered(json::value output);

    /// What undoes a job that was submitted; called by cancel(), at once when that has been.
    void when_cancelled(std::function<void()> undo);
    /// Its result is not wanted: reports nothing any more.
    void cancel();

    /// Whoever waits in its name may stop waiting; what it began goes on.
    void abandon() { stop_.request_stop(); }

  private:
    struct State {
        bool over = false;
        bool cancelled = false;
        std::function<void()> undo;
    };

    void report(flow::TaskReport what);
    void end(flow::TaskReport what);
    /// False: it was over already.
    bool finish(bool cancelled);

    flow::TaskCall call_;
    flow::TaskRunner::Report report_;
    std::shared_ptr<ReportGate> gate_;
    std::function<void()> over_;
    std::stop_source stop_;
    Guarded<State> state_;
};

using JobPtr = std::shared_ptr<Job>;

}  // namespace kiln::tasks
