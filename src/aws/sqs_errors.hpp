#pragma once

#include "aws/service_failure.hpp"
#include "base/error.hpp"

#include <string_view>

namespace kiln::aws {

/// What an SQS error means to us; one table, by its name. Names that are not SQS' own:
/// `common_kind`.
[[nodiscard]] ErrorKind sqs_error_kind(const ServiceFailure& failure) noexcept;

/// "sqs SendMessage 'q': The specified queue does not exist. (QueueDoesNotExist)"
[[nodiscard]] Error sqs_error(
    const ServiceFailure& failure, std::string_view operation, std::string_view queue
);

}  // namespace kiln::aws
