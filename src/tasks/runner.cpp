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

void Runner::run(flow::TaskCall call, Report report) {
    const Key key{call.execution, call.task};
    auto* const service = find(call.resource);
    const auto job = std::make_shared<Job>(std::move(call), std::move(report), gate_, [this, key] {
        JobPtr ended;  // let go of when the lock is
        auto open = open_.lock();
        if (const auto at = open->find(key); at != open->end()) {
            ended = std::move(at->second);
            open->erase(at);
        }
    });
    if (service == nullptr) {
        return job->failed(unserved(job->call().resource), Job::At::start);
    }
    open_.lock()->insert_or_assign(key, job);
    job->started();
    service->run(job);
}

void Runner::cancel(std::int64_t execution, std::int64_t task) {
    JobPtr job;
    {
        auto open = open_.lock();
        if (const auto at = open->find({execution, task}); at != open->end()) {
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
    left.swap(*open_.lock());
    for (const auto& [key, job] : left) {
        job->abandon();
    }
}

}  // namespace kiln::tasks
