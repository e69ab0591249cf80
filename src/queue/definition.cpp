#include "queue/definition.hpp"

namespace kiln::queue {

namespace {

template <class T>
std::optional<T> of_fifo(const QueueDefinition& definition, T FifoSettings::*member) {
    return definition.fifo ? std::optional{(*definition.fifo).*member} : std::nullopt;
}

bool same(const QueueDefinition& a, const QueueDefinition& b, Attribute attribute) {
    switch (attribute) {
        case Attribute::delay_seconds:
            return a.delay == b.delay;
        case Attribute::maximum_message_size:
            return a.maximum_message_bytes == b.maximum_message_bytes;
        case Attribute::message_retention_period:
            return a.retention == b.retention;
        case Attribute::policy:
            return a.policy == b.policy;
        case Attribute::receive_message_wait_time_seconds:
            return a.receive_wait == b.receive_wait;
        case Attribute::visibility_timeout:
            return a.visibility == b.visibility;
        case Attribute::redrive_policy:
            return a.redrive == b.redrive;
        case Attribute::redrive_allow_policy:
            return a.redrive_allow == b.redrive_allow;
        case Attribute::kms_master_key_id:
            return a.kms_key == b.kms_key;
        case Attribute::kms_data_key_reuse_period_seconds:
            return a.kms_reuse == b.kms_reuse;
        case Attribute::sqs_managed_sse_enabled:
            return a.sqs_managed_sse == b.sqs_managed_sse;
        case Attribute::fifo_queue:
            return a.fifo.has_value() == b.fifo.has_value();
        case Attribute::content_based_deduplication:
            return of_fifo(a, &FifoSettings::content_deduplication) ==
                   of_fifo(b, &FifoSettings::content_deduplication);
        case Attribute::deduplication_scope:
            return of_fifo(a, &FifoSettings::scope) == of_fifo(b, &FifoSettings::scope);
        case Attribute::fifo_throughput_limit:
            return of_fifo(a, &FifoSettings::limit) == of_fifo(b, &FifoSettings::limit);
    }
    return true;
}

}  // namespace

std::string_view to_string(Attribute attribute) noexcept {
    switch (attribute) {
        case Attribute::delay_seconds:
            return "DelaySeconds";
        case Attribute::maximum_message_size:
            return "MaximumMessageSize";
        case Attribute::message_retention_period:
            return "MessageRetentionPeriod";
        case Attribute::policy:
            return "Policy";
        case Attribute::receive_message_wait_time_seconds:
            return "ReceiveMessageWaitTimeSeconds";
        case Attribute::visibility_timeout:
            return "VisibilityTimeout";
        case Attribute::redrive_policy:
            return "RedrivePolicy";
        case Attribute::redrive_allow_policy:
            return "RedriveAllowPolicy";
        case Attribute::kms_master_key_id:
            return "KmsMasterKeyId";
        case Attribute::kms_data_key_reuse_period_seconds:
            return "KmsDataKeyReusePeriodSeconds";
        case Attribute::sqs_managed_sse_enabled:
            return "SqsManagedSseEnabled";
        case Attribute::fifo_queue:
            return "FifoQueue";
        case Attribute::content_based_deduplication:
            return "ContentBasedDeduplication";
        case Attribute::deduplication_scope:
            return "DeduplicationScope";
        case Attribute::fifo_throughput_limit:
            return "FifoThroughputLimit";
    }
    return "";
}

std::optional<Attribute> first_difference(
    const QueueDefinition& a, const QueueDefinition& b, const std::vector<Attribute>& given
) {
    for (const auto attribute : given) {
        if (!same(a, b, attribute)) {
            return attribute;
        }
    }
    return std::nullopt;
}

}  // namespace kiln::queue
