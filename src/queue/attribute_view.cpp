// Attributes as they are shown.

#include "queue/attribute_names.hpp"
#include "queue/attributes.hpp"
#include "queue/redrive.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

constexpr std::chrono::seconds kDefaultKmsReuse{300};

/// What can be read and not set.
constexpr std::array<std::string_view, 6> kReadOnly{
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
};

std::string whole_seconds(TimePoint time) {
    return fmt::to_string(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()
    );
}

std::string_view boolean(bool value) noexcept {
    return value ? "true" : "false";
}

/// All attributes that have a value.
AttributeValues show_all(
    const Place& place, const QueueDefinition& definition, const Depths& depths
) {
    AttributeValues all{
        {"ApproximateNumberOfMessages", fmt::to_string(depths.visible)},
        {"ApproximateNumberOfMessagesDelayed", fmt::to_string(depths.delayed)},
        {"ApproximateNumberOfMessagesNotVisible", fmt::to_string(depths.in_flight)},
        {"CreatedTimestamp", whole_seconds(definition.created)},
        {"LastModifiedTimestamp", whole_seconds(definition.modified)},
        {"QueueArn", queue_arn(place, definition.name)},
    };
    const auto put = [&](Attribute attribute, std::string value) {
        all.emplace(to_string(attribute), std::move(value));
    };
    put(Attribute::delay_seconds, fmt::to_string(definition.delay.count()));
    put(Attribute::maximum_message_size, fmt::to_string(definition.maximum_message_bytes));
    put(Attribute::message_retention_period, fmt::to_string(definition.retention.count()));
    put(Attribute::receive_message_wait_time_seconds,
        fmt::to_string(definition.receive_wait.count()));
    put(Attribute::visibility_timeout, fmt::to_string(definition.visibility.count()));
    put(Attribute::sqs_managed_sse_enabled, std::string{boolean(definition.sqs_managed_sse)});
    if (definition.kms_key) {
        put(Attribute::kms_master_key_id, *definition.kms_key);
        put(Attribute::kms_data_key_reuse_period_seconds,
            fmt::to_string(definition.kms_reuse.value_or(kDefaultKmsReuse).count()));
    }
    if (definition.policy) {
        put(Attribute::policy, *definition.policy);
    }
    if (definition.redrive) {
        put(Attribute::redrive_policy, show(place, *definition.redrive));
    }
    if (definition.redrive_allow) {
        put(Attribute::redrive_allow_policy, show(place, *definition.redrive_allow));
    }
    if (const auto& fifo = definition.fifo) {
        put(Attribute::fifo_queue, "true");
        put(Attribute::content_based_deduplication,
            std::string{boolean(fifo->content_deduplication)});
        put(Attribute::deduplication_scope,
            fifo->scope == DeduplicationScope::queue ? "queue" : "messageGroup");
        put(Attribute::fifo_throughput_limit,
            fifo->limit == ThroughputLimit::per_queue ? "perQueue" : "perMessageGroupId");
    }
    return all;
}

}  // namespace

bool wants_depths(const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [](const auto& name) {
        return name == "All" || name.starts_with("ApproximateNumberOfMessages");
    });
}

Outcome<AttributeValues> show_attributes(
    const Place& place,
    const QueueDefinition& definition,
    const Depths& depths,
    const std::vector<std::string>& names
) {
    bool wants_all = false;
    for (const auto& name : names) {
        const bool known = name == "All" || attribute_of(name) ||
                           std::find(kReadOnly.begin(), kReadOnly.end(), name) != kReadOnly.end();
        if (!known) {
            return unknown_attribute(name);
        }
        wants_all = wants_all || name == "All";
    }
    auto all = show_all(place, definition, depths);
    if (!wants_all) {
        std::erase_if(all, [&](const auto& each) {
            return std::find(names.begin(), names.end(), each.first) == names.end();
        });
    }
    return all;
}

}  // namespace kiln::queue
