#pragma once

#include <functional>
#include <string>

namespace kiln::tasks {

/// Tells when an execution is over. Safe from several threads.
class ExecutionWatch {
  public:
    virtual ~ExecutionWatch() = default;
    /// `over` is called once, on any thread, at once when it is over already or there is none.
    virtual void when_over(const std::string& execution_arn, std::function<void()> over) = 0;
};

}  // namespace kiln::tasks
