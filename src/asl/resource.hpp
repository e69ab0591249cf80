#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What a Task names.
namespace kiln::asl {

/// How a service integration is waited for.
enum class Pattern {
    request_response,     ///< ends with the service's answer
    sync,                 ///< .sync: ends with the job
    sync2,                ///< .sync:2: the same, the job's output as JSON
    wait_for_task_token,  ///< ends when the token is reported
};

enum class ResourceKind {
    activity,     ///< arn:…:states:REGION:ACCOUNT:activity:NAME
    lambda,       ///< arn:…:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER], called directly
    integration,  ///< arn:…:states:REGION:ACCOUNT:SERVICE:ACTION[.PATTERN], region and account may
                  ///< be empty
};

/// A Resource ARN, taken apart. Constant in a definition.
struct Resource {
    std::string arn;  ///< as written
    ResourceKind kind = ResourceKind::integration;
    std::string service;  ///< integration: "sqs", "states", "aws-sdk:sfn", "kiln"; history's
                          ///< resourceType is this
    std::string action;   ///< integration: "sendMessage", without the pattern
    Pattern pattern = Pattern::request_response;

    /// The action with its pattern, as history's `resource`: "startExecution.sync:2".
    [[nodiscard]] std::string action_with_pattern() const;
};

/// nullopt: not an ARN that a Task may name.
[[nodiscard]] std::optional<Resource> parse_resource(std::string_view arn);

}  // namespace kiln::asl
