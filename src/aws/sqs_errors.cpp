#include "aws/sqs_errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

struct Row {
    std::string_view name;
    ErrorKind kind;
};

/// Both names of an error where its two protocols differ.
constexpr std::array kRows{
    Row{"BatchEntryIdsNotDistinct", ErrorKind::invalid},
    Row{"BatchRequestTooLong", ErrorKind::invalid},
    Row{"EmptyBatchRequest", ErrorKind::invalid},
    Row{"InvalidAddress", ErrorKind::invalid},
    Row{"InvalidAttributeName", ErrorKind::invalid},
    Row{"InvalidAttributeValue", ErrorKind::invalid},
    Row{"InvalidBatchEntryId", ErrorKind::invalid},
    Row{"InvalidIdFormat", ErrorKind::invalid},
    Row{"InvalidMessageContents", ErrorKind::invalid},
    Row{"InvalidParameterValue", ErrorKind::invalid},
    Row{"InvalidSecurity", ErrorKind::denied},
    Row{"KmsAccessDenied", ErrorKind::denied},
    Row{"KmsDisabled", ErrorKind::denied},
    Row{"KmsInvalidKeyUsage", ErrorKind::denied},
    Row{"KmsInvalidState", ErrorKind::denied},
    Row{"KmsNotFound", ErrorKind::denied},
    Row{"KmsOptInRequired", ErrorKind::denied},
    Row{"KmsThrottled", ErrorKind::exhausted},
    Row{"MessageNotInflight", ErrorKind::conflict},
    Row{"MissingParameter", ErrorKind::invalid},
    Row{"MissingRequiredParameter", ErrorKind::invalid},
    Row{"NonExistentQueue", ErrorKind::not_found},
    Row{"OverLimit", ErrorKind::exhausted},
    Row{"PurgeQueueInProgress", ErrorKind::conflict},
    Row{"QueueAlreadyExists", ErrorKind::conflict},
    Row{"QueueDeletedRecently", ErrorKind::conflict},
    Row{"QueueDoesNotExist", ErrorKind::not_found},
    Row{"QueueNameExists", ErrorKind::conflict},
    Row{"ReceiptHandleIsInvalid", ErrorKind::invalid},
    Row{"ResourceNotFound", ErrorKind::not_found},
    Row{"TooManyEntriesInBatchRequest", ErrorKind::invalid},
    Row{"UnsupportedOperation", ErrorKind::invalid},
};

}  // namespace

ErrorKind sqs_error_kind(const ServiceFailure& failure) noexcept {
    const auto* const found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) {
        return row.name == failure.name;
    });
    return found == kRows.end() ? common_kind(failure) : found->kind;
}

Error sqs_error(const ServiceFailure& failure, std::string_view operation, std::string_view queue) {
    auto message = fmt::format(
        "sqs {}{}: {}{}",
        operation,
        queue.empty() ? "" : fmt::format(" '{}'", queue),
        failure.message,
        failure.name.empty() ? "" : fmt::format(" ({})", failure.name)
    );
    Error error{sqs_error_kind(failure), std::move(message)};
    return failure.retry_after ? std::move(error).retry_after(*failure.retry_after)
                               : std::move(error);
}

}  // namespace kiln::aws
