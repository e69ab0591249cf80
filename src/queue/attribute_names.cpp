#include "queue/attribute_names.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

constexpr std::array kAttributes{
    Attribute::delay_seconds,
    Attribute::maximum_message_size,
    Attribute::message_retention_period,
    Attribute::policy,
    Attribute::receive_message_wait_time_seconds,
    Attribute::visibility_timeout,
    Attribute::redrive_policy,
    Attribute::redrive_allow_policy,
    Attribute::kms_master_key_id,
    Attribute::kms_data_key_reuse_period_seconds,
    Attribute::sqs_managed_sse_enabled,
    Attribute::fifo_queue,
    Attribute::content_based_deduplication,
    Attribute::deduplication_scope,
    Attribute::fifo_throughput_limit,
};

}  // namespace

std::optional<Attribute> attribute_of(std::string_view name) noexcept {
    const auto* const found = std::find_if(kAttributes.begin(), kAttributes.end(), [&](auto each) {
        return to_string(each) == name;
    });
    return found == kAttributes.end() ? std::nullopt : std::optional{*found};
}

Refusal unknown_attribute(std::string_view name) {
    return {RefusalCode::invalid_attribute_name, fmt::format("Unknown Attribute {}.", name)};
}

}  // namespace kiln::queue
