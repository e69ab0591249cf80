#include "api/sqs/failure.hpp"

#include <fmt/format.h>

namespace kiln::api::sqs {

// Source: the pairs of names that AWS answered with, and its API model; what is not in the model
// (addresses, actions, serialization) is Coral's.
ErrorNames names_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::queue_does_not_exist:
            return {
                "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"};
        case ErrorCode::queue_name_exists:
            return {"com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"};
        case ErrorCode::queue_deleted_recently:
            return {
                "com.amazonaws.sqs#QueueDeletedRecently",
                "AWS.SimpleQueueService.QueueDeletedRecently"};
        case ErrorCode::invalid_attribute_name:
            return {"com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"};
        case ErrorCode::invalid_attribute_value:
            return {"com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"};
        case ErrorCode::invalid_parameter_value:
            return {"com.amazonaws.sqs#InvalidParameterValueException", "InvalidParameterValue"};
        case ErrorCode::missing_parameter:
            return {"com.amazonaws.sqs#MissingRequiredParameterException", "MissingParameter"};
        case ErrorCode::invalid_message_contents:
            return {"com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"};
        case ErrorCode::receipt_handle_is_invalid:
            return {"com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404};
        case ErrorCode::message_not_inflight:
            return {
                "com.amazonaws.sqs#MessageNotInflight",
                "AWS.SimpleQueueService.MessageNotInflight"};
        case ErrorCode::over_limit:
            return {"com.amazonaws.sqs#OverLimit", "OverLimit", 403};
        case ErrorCode::purge_queue_in_progress:
            return {
                "com.amazonaws.sqs#PurgeQueueInProgress",
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                403};
        case ErrorCode::resource_not_found:
            return {
                "com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException", 404};
        case ErrorCode::unsupported_operation:
            return {
                "com.amazonaws.sqs#UnsupportedOperation",
                "AWS.SimpleQueueService.UnsupportedOperation"};
        case ErrorCode::batch_entry_ids_not_distinct:
            return {
                "com.amazonaws.sqs#BatchEntryIdsNotDistinct",
                "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"};
        case ErrorCode::batch_request_too_long:
            return {
                "com.amazonaws.sqs#BatchRequestTooLong",
                "AWS.SimpleQueueService.BatchRequestTooLong"};
        case ErrorCode::empty_batch_request:
            return {
                "com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"};
        case ErrorCode::invalid_batch_entry_id:
            return {
                "com.amazonaws.sqs#InvalidBatchEntryId",
                "AWS.SimpleQueueService.InvalidBatchEntryId"};
        case ErrorCode::too_many_entries_in_batch_request:
            return {
                "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"};
        case ErrorCode::invalid_address:
            return {"com.amazonaws.sqs#InvalidAddress", "InvalidAddress", 404};
        case ErrorCode::invalid_action:
            return {"com.amazon.coral.service#UnknownOperationException", "InvalidAction"};
        case ErrorCode::serialization:
            return {"com.amazon.coral.service#SerializationException", "InvalidParameterValue"};
        case ErrorCode::throttled:
            return {"com.amazonaws.sqs#RequestThrottled", "RequestThrottled", 503, Fault::receiver};
        case ErrorCode::unavailable:
            return {
                "com.amazon.coral.service#ServiceUnavailableException",
                "ServiceUnavailable",
                503,
                Fault::receiver};
        case ErrorCode::internal:
            break;
    }
    return {"com.amazon.coral.service#InternalFailure", "InternalFailure", 500, Fault::receiver};
}

ErrorCode code_of(queue::RefusalCode code) noexcept {
    using enum queue::RefusalCode;
    switch (code) {
        case queue_does_not_exist:
            return ErrorCode::queue_does_not_exist;
        case queue_name_exists:
            return ErrorCode::queue_name_exists;
        case queue_deleted_recently:
            return ErrorCode::queue_deleted_recently;
        case invalid_attribute_name:
            return ErrorCode::invalid_attribute_name;
        case invalid_attribute_value:
            return ErrorCode::invalid_attribute_value;
        case invalid_parameter_value:
            return ErrorCode::invalid_parameter_value;
        case missing_parameter:
            return ErrorCode::missing_parameter;
        case invalid_message_contents:
            return ErrorCode::invalid_message_contents;
        case receipt_handle_is_invalid:
            return ErrorCode::receipt_handle_is_invalid;
        case message_not_inflight:
            return ErrorCode::message_not_inflight;
        case over_limit:
            return ErrorCode::over_limit;
        case purge_queue_in_progress:
            return ErrorCode::purge_queue_in_progress;
        case resource_not_found:
            return ErrorCode::resource_not_found;
        case unsupported_operation:
            return ErrorCode::unsupported_operation;
        case throttled:
            return ErrorCode::throttled;
        case unavailable:
            return ErrorCode::unavailable;
        case corrupt:
            return ErrorCode::internal;
    }
    return ErrorCode::internal;
}

Failure missing(std::string_view parameter) {
    return {
        ErrorCode::missing_parameter,
        fmt::format("The request must contain the parameter {}.", parameter)};
}

}  // namespace kiln::api::sqs
