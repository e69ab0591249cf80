#include "api/sqs/outgoing.hpp"

#include "api/sqs/incoming.hpp"
#include "api/sqs/message_digest.hpp"
#include "base/md5.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

constexpr std::array<std::string_view, 10> kSystemNames{
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
};

std::string milliseconds(TimePoint time) {
    return fmt::to_string(
        std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count()
    );
}

ShownPairs show_system_attributes(
    const queue::Place& place,
    const queue::Delivery& delivery,
    const std::vector<std::string>& names
) {
    ShownPairs shown;
    if (names.empty()) {
        return shown;
    }
    const bool all = std::find(names.begin(), names.end(), "All") != names.end();
    const auto put = [&](std::string_view name, const auto& value) {
        if (all || std::find(names.begin(), names.end(), name) != names.end()) {
            shown.emplace_back(name, value());
        }
    };
    const auto put_text = [&](std::string_view name, const std::optional<std::string>& value) {
        if (value) {
            put(name, [&] { return *value; });
        }
    };
    const auto& message = *delivery.message;
    put("SenderId", [&] { return message.sender; });
    put("SentTimestamp", [&] { return milliseconds(message.sent); });
    put("ApproximateReceiveCount", [&] { return fmt::to_string(delivery.receives); });
    put("ApproximateFirstReceiveTimestamp", [&] { return milliseconds(delivery.first_received); });
    if (delivery.sequence) {
        put("SequenceNumber", [&] { return shown_sequence(*delivery.sequence); });
    }
    put_text("MessageDeduplicationId", message.deduplication);
    put_text("MessageGroupId", message.group);
    put_text("AWSTraceHeader", message.trace_header);
    if (delivery.dead_letter_source) {
        put("DeadLetterQueueSourceArn",
            [&] { return queue::queue_arn(place, *delivery.dead_letter_source); });
    }
    return shown;
}

}  // namespace

std::optional<queue::Refusal> refuse_system_names(const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (std::find(kSystemNames.begin(), kSystemNames.end(), name) == kSystemNames.end()) {
            return queue::Refusal{
                queue::RefusalCode::invalid_attribute_name,
                fmt::format("Unknown Attribute {}.", name)};
        }
    }
    return std::nullopt;
}

bool is_wanted(std::string_view name, const std::vector<std::string>& filters) {
    return std::any_of(filters.begin(), filters.end(), [&](std::string_view filter) {
        if (filter == "All" || filter == "*" || filter == name) {
            return true;
        }
        return filter.ends_with(".*") && name.starts_with(filter.substr(0, filter.size() - 2));
    });
}

ShownMessage show(
    const queue::Place& place, const queue::Delivery& delivery, const Wanted& wanted
) {
    const auto& message = *delivery.message;
    ShownMessage shown;
    shown.id = message.id;
    shown.receipt = delivery.receipt;
    shown.body = message.body;
    shown.body_md5 = md5(message.body);
    shown.system_attributes = show_system_attributes(place, delivery, wanted.system_attributes);
    if (wanted.attributes.empty()) {
        return shown;
    }
    ports::MessageAttributes summed;
    for (const auto& [name, attribute] : message.attributes) {
        if (!is_wanted(name, wanted.attributes)) {
            continue;
        }
        ShownAttribute each{attribute.type, std::nullopt, std::nullopt};
        (is_binary(attribute.type) ? each.binary : each.text) = attribute.value;
        shown.attributes.emplace_back(name, each);
        summed.emplace(name, attribute);
    }
    if (!summed.empty()) {
        shown.attributes_md5 = attributes_md5(summed);
    }
    return shown;
}

}  // namespace kiln::api::sqs
