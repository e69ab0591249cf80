#include "tasks/runner.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

flow::TaskFailure unserved(const asl::Resource& resource) {
    return {
        "States.Runtime",
        fmt::format("The resource '{}' is not served by this engine.", resource.arn)};
}

}  // namespace

Service* Runner::find(const asl::Resource& resource) const {
    const bool direct = resource.kind == asl::ResourceKind::lambda;
    const auto at = services_.find(direct ? std::string_view{"lambda"} : resource.service);
    if (at == services_.end() || !at->second->serves(resource)) {
        return nullptr;
    }
    return at->second.get();
}

void Runner::begin(const JobPtr& job) {
    auto* const service = find(job->call().resource);
    if (service == nullptr) {
        return job->failed(unserved(job->call().resource), Job::At::start);
    }
    job->started();
    service->run(job);
}

void Runner::serve(ServiceTable services) {
    std::vector<JobPtr> waiting;
    {
        auto state = state_.lock();
        services_ = std::move(services);
        state->serving = true;
        for (const auto& [key, job] : state->open) {
            waiting.push_back(job);
        }
    }
    for (const auto& job : waiting) {
        begin(job);
    }
}

void Runner::run(flow::TaskCall call, Report report) {
    const Key key{call.execution, call.task};
    const auto job = std::make_shared<Job>(std::move(call), std::move(report), gate_, [this, key] {
        JobPtr ended;  // let go of when the lock is
        auto state = state_.lock();
        if (const auto at = state->open.find(key); at != state->open.end()) {
            ended = std::move(at->second);
            state->open.erase(at);
        }
    });
    {
        auto state = state_.lock();
        if (state->closed) {
            return;
        }
        state->open.insert_or_assign(key, job);
        if (!state->serving) {
            return;
        }
    }
    begin(job);
}

void Runner::cancel(std::int64_t execution, std::int64_t task) {
    JobPtr job;
    {
        auto state = state_.lock();
        if (const auto at = state->open.find({execution, task}); at != state->open.end()) {
            job = at->second;
        }
    }
    if (job != nullptr) {
        job->cancel();
    }
}

void Runner::close() {
    gate_->close();
    std::map<Key, JobPtr> left;
    {
        auto state = state_.lock();
        state->closed = true;
        left.swap(state->open);
    }
    for (const auto& [key, job] : left) {
        job->abandon();
    }
}

}  // namespace kiln::tasks
