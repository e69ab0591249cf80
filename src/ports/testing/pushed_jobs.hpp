#pragma once

#include "ports/job_queue.hpp"

#include <string>
#include <vector>

namespace kiln::ports::testing {

/// Remembers what is pushed, and gives nothing out.
class PushedJobs final : public JobQueue {
  public:
    static constexpr const char* kId = "0123456789abcdef01234567";  ///< of every job

    std::string push(const JobOrder& order) override {
        pushed.push_back(order);
        return kId;
    }

    std::optional<Job> take(const std::string&, std::chrono::seconds, const std::stop_token&)
        override {
        return std::nullopt;
    }

    void keep(const Job&) override {}

    void finish(const Job&) override {}

    JobFate fail(const Job&, const JobFailure&) override { return {}; }

    std::vector<JobOrder> pushed;
};

}  // namespace kiln::ports::testing
