#pragma once

#include "tasks/job.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::tasks {

/// One service that tasks call. Safe from several threads.
class Service {
  public:
    virtual ~Service() = default;
    /// Does it know this action, in this pattern?
    [[nodiscard]] virtual bool serves(const asl::Resource& resource) const = 0;
    /// Begins the call, of a resource that it serves; its `started` was reported. Does not wait.
    virtual void run(JobPtr job) = 0;
};

/// By the service's name in resources: "sqs", "aws-sdk:sfn"; functions that are named directly are
/// "lambda" with the action "".
using ServiceTable = std::map<std::string, std::unique_ptr<Service>, std::less<>>;

}  // namespace kiln::tasks
