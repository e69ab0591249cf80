#pragma once

#include "base/time.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::queue {

/// The attributes that a user can give a queue, with SQS' names ("VisibilityTimeout").
enum class Attribute {
    delay_seconds,
    maximum_message_size,
    message_retention_period,
    policy,
    receive_message_wait_time_seconds,
    visibility_timeout,
    redrive_policy,
    redrive_allow_policy,
    kms_master_key_id,
    kms_data_key_reuse_period_seconds,
    sqs_managed_sse_enabled,
    fifo_queue,
    content_based_deduplication,
    deduplication_scope,
    fifo_throughput_limit,
};

[[nodiscard]] std::string_view to_string(Attribute attribute) noexcept;

/// Where messages go that were received `max_receives` times without being deleted.
struct RedrivePolicy {
    std::string dead_letter_queue;  ///< its name
    std::int64_t max_receives = 1;  ///< 1 to 1000

    bool operator==(const RedrivePolicy&) const = default;
};

/// Which queues may have this one for their dead letters.
struct RedriveAllowPolicy {
    enum class Permission { allow_all, deny_all, by_queue };
    Permission permission = Permission::allow_all;
    std::vector<std::string> sources;  ///< names; only with by_queue

    bool operator==(const RedriveAllowPolicy&) const = default;
};

enum class DeduplicationScope { queue, message_group };
enum class ThroughputLimit { per_queue, per_message_group_id };

struct FifoSettings {
    bool content_deduplication = false;
    DeduplicationScope scope = DeduplicationScope::queue;
    ThroughputLimit limit = ThroughputLimit::per_queue;
    /// As it was made: AWS goes on with that after `scope` was changed.
    DeduplicationScope made_with = DeduplicationScope::queue;

    bool operator==(const FifoSettings&) const = default;
};

/// What a queue is. Its values are in their ranges: whoever makes one has seen to that.
struct QueueDefinition {
    std::string name;  ///< with ".fifo" at its end exactly when `fifo` is set
    std::chrono::seconds delay{0};
    std::int64_t maximum_message_bytes = 1'048'576;  ///< body and attributes
    std::chrono::seconds retention{345'600};
    std::chrono::seconds receive_wait{0};
    std::chrono::seconds visibility{30};
    std::optional<std::string> policy;  ///< JSON
    std::optional<RedrivePolicy> redrive;
    std::optional<RedriveAllowPolicy> redrive_allow;
    std::optional<FifoSettings> fifo;  ///< set: a FIFO queue; never changes
    std::optional<std::string> kms_key;
    std::optional<std::chrono::seconds> kms_reuse;
    bool sqs_managed_sse = true;
    std::map<std::string, std::string> tags;
    TimePoint created;   ///< set by the engine
    TimePoint modified;  ///< set by the engine

    bool operator==(const QueueDefinition&) const = default;
};

/// The first of `given` in which the two differ. Pure.
[[nodiscard]] std::optional<Attribute> first_difference(
    const QueueDefinition& a, const QueueDefinition& b, const std::vector<Attribute>& given
);

}  // namespace kiln::queue
