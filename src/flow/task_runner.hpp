#pragma once

#include "asl/resource.hpp"
#include "flow/payload.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::flow {

/// A task that is not an activity: a call of a service.
struct TaskCall {
    std::string execution_arn;
    std::int64_t execution = 0;
    std::int64_t frame = 0;
    std::int64_t task = 0;
    asl::Resource resource;
    Payload parameters;
    Payload credentials;  ///< null: none
    std::string token;    ///< .waitForTaskToken; else ""
    /// It was begun before, by a process that died: what it did then must not be done twice where
    /// the service can tell (a name, a client token made from execution and task).
    bool again = false;
};

/// What a runner reports of a call, in this order: started, then submitted (.sync,
/// .waitForTaskToken), then one end. After a failure nothing.
struct TaskReport {
    enum class What { started, submitted, succeeded, failed } what = What::started;
    Payload output;                                     ///< submitted, succeeded
    std::optional<std::string> error, cause;            ///< failed
    enum class At { start, submit, run } at = At::run;  ///< failed: where
};

/// Calls services for executions. Safe from several threads.
class TaskRunner {
  public:
    using Report = std::function<void(TaskReport)>;
    virtual ~TaskRunner() = default;
    /// Does not wait. `report` may be called on any thread, also before this returns, and also
    /// after `cancel`. A resource that nobody serves is reported as failed with States.Runtime or
    /// the service's own error.
    virtual void run(TaskCall call, Report report) = 0;
    /// The result is not wanted any more: `.sync` jobs are stopped.
    virtual void cancel(std::int64_t execution, std::int64_t task) = 0;
};

/// Why something outside does not work, named as the language names it.
struct TaskFailure {
    std::string error;  ///< "States.ItemReaderFailed"
    std::string cause;
};

/// What a distributed Map reads and writes. Safe from several threads; may block. An Error of kind
/// cancelled says that the process is about to end: the next one reads, or writes, anew.
class ItemSource {
  public:
    virtual ~ItemSource() = default;
    /// The items that an ItemReader names, selected by its ReaderConfig: an array. MaxItems (or
    /// MaxItemsPath, which stands there as a computed MaxItems) is kept to where it is in `config`.
    /// @throws TaskFailure  States.ItemReaderFailed with AWS' cause · Error  cancelled
    [[nodiscard]] virtual Payload read(
        const asl::Resource& resource, const json::value& parameters, const json::object& config
    ) = 0;
    /// Writes one file of a ResultWriter. @throws TaskFailure  States.ResultWriterFailed · Error
    /// cancelled
    virtual void write(
        const json::value& parameters, const std::string& file, const std::string& text
    ) = 0;
};

}  // namespace kiln::flow
