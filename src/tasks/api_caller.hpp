#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace kiln::tasks {

/// What a call of an API gave.
struct ApiAnswer {
    unsigned status = 200;
    std::string request_id;
    json::value body;        ///< the result; of a failure what AWS' protocol has there
    std::size_t length = 0;  ///< bytes of the body as it went over the wire

    // Of a failure.
    std::string code;        ///< "StateMachineDoesNotExist"
    std::string query_code;  ///< "AWS.SimpleQueueService.NonExistentQueue"; else as `code`
    std::string message;

    [[nodiscard]] bool succeeded() const noexcept { return status < 300; }
};

/// The APIs of AWS' protocols that this process serves, called from within. Safe from several
/// threads.
class ApiCaller {
  public:
    using Done = std::function<void(ApiAnswer)>;
    virtual ~ApiCaller() = default;

    /// Does not wait. `done` is called once, on any thread, perhaps before this returns.
    /// @param service    as in resources: "sfn", "sqs"
    /// @param operation  "StartExecution"
    virtual void call(
        std::string_view service, std::string_view operation, const json::object& input, Done done
    ) = 0;
};

}  // namespace kiln::tasks
