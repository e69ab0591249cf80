#include "tasks/job.hpp"

#include <utility>

namespace kiln::tasks {

namespace {

flow::Payload payload(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

}  // namespace

void ReportGate::pass(const std::function<void()>& report) {
    const std::shared_lock lock{mutex_};
    if (!closed_) {
        report();
    }
}

void ReportGate::close() {
    const std::unique_lock lock{mutex_};
    closed_ = true;
}

Job::Job(
    flow::TaskCall call,
    flow::TaskRunner::Report report,
    std::shared_ptr<ReportGate> gate,
    std::function<void()> over
)
    : call_{std::move(call)},
      report_{std::move(report)},
      gate_{std::move(gate)},
      over_{std::move(over)} {}

void Job::report(flow::TaskReport what) {
    gate_->pass([&] { report_(std::move(what)); });
}

void Job::started() {
    report({.what = flow::TaskReport::What::started});
}

void Job::submitted(json::value output) {
    if (call_.resource.pattern == asl::Pattern::wait_for_task_token) {
        return end({.what = flow::TaskReport::What::submitted, .output = payload(std::move(output))}
        );
    }
    if (!state_.lock()->over) {
        report({.what = flow::TaskReport::What::submitted, .output = payload(std::move(output))});
    }
}

void Job::succeeded(json::value output) {
    end({.what = flow::TaskReport::What::succeeded, .output = payload(std::move(output))});
}

void Job::failed(flow::TaskFailure failure, At at) {
    end(
        {.what = flow::TaskReport::What::failed,
         .error = std::move(failure.error),
         .cause = std::move(failure.cause),
         .at = at}
    );
}

void Job::answered(json::value output) {
    if (call_.resource.pattern == asl::Pattern::request_response) {
        succeeded(std::move(output));
    } else {
        submitted(std::move(output));
    }
}

void Job::when_cancelled(std::function<void()> undo) {
    {
        auto state = state_.lock();
        if (!state->over) {
            state->undo = std::move(undo);
            return;
        }
        if (!state->cancelled) {
            return;
        }
    }
    undo();
}

bool Job::finish(bool cancelled) {
    auto state = state_.lock();
    if (state->over) {
        return false;
    }
    state->over = true;
    state->cancelled = cancelled;
    return true;
}

void Job::end(flow::TaskReport what) {
    if (finish(false)) {
        report(std::move(what));
        over_();
    }
}

void Job::cancel() {
    if (!finish(true)) {
        return;
    }
    stop_.request_stop();
    if (const auto undo = std::exchange(state_.lock()->undo, nullptr)) {
        undo();
    }
    over_();
}

}  // namespace kiln::tasks
