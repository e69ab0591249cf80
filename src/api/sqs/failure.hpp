#pragma once

#include "queue/refusal.hpp"

#include <string>
#include <string_view>

/// SQS' errors by their names in both protocols. Pure.
namespace kiln::api::sqs {

enum class ErrorCode {
    queue_does_not_exist,
    queue_name_exists,
    queue_deleted_recently,
    invalid_attribute_name,
    invalid_attribute_value,
    invalid_parameter_value,
    missing_parameter,
    invalid_message_contents,
    receipt_handle_is_invalid,
    message_not_inflight,
    over_limit,
    purge_queue_in_progress,
    resource_not_found,
    unsupported_operation,
    batch_entry_ids_not_distinct,
    batch_request_too_long,
    empty_batch_request,
    invalid_batch_entry_id,
    too_many_entries_in_batch_request,
    invalid_address,
    invalid_action,
    serialization,
    throttled,
    unavailable,
    internal,
};

enum class Fault { sender, receiver };

/// How a code is told.
struct ErrorNames {
    std::string_view json;   ///< with its name space: "com.amazonaws.sqs#QueueDoesNotExist"
    std::string_view query;  ///< "AWS.SimpleQueueService.NonExistentQueue"
    unsigned status = 400;
    Fault fault = Fault::sender;
};

[[nodiscard]] ErrorNames names_of(ErrorCode code) noexcept;

struct Failure {
    ErrorCode code = ErrorCode::internal;
    std::string message;
};

[[nodiscard]] ErrorCode code_of(queue::RefusalCode code) noexcept;

[[nodiscard]] inline Failure failure_of(const queue::Refusal& refusal) {
    return {code_of(refusal.code), refusal.message};
}

/// "The request must contain the parameter NAME."
[[nodiscard]] Failure missing(std::string_view parameter);

}  // namespace kiln::api::sqs
