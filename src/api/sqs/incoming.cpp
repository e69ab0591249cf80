#include "api/sqs/incoming.hpp"

#include "api/sqs/message_digest.hpp"
#include "base/md5.hpp"
#include "queue/message_rules.hpp"

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

constexpr std::string_view kTraceHeader = "AWSTraceHeader";

/// The one value that goes with its type; the empty text where it has another, or none, so that the
/// rules refuse it.
std::optional<Failure> read_attribute(
    std::string_view name, AttributeValue& value, ports::MessageAttribute& attribute
) {
    if (!value.texts.empty() || !value.binaries.empty()) {
        return Failure{
            ErrorCode::unsupported_operation,
            fmt::format(
                "Message (user) attribute '{}': StringListValues and BinaryListValues are not "
                "implemented.",
                name
            )};
    }
    attribute.type = value.type.value_or("");
    const bool binary = is_binary(attribute.type);
    const bool has_other =
        binary ? !value.text.value_or("").empty() : value.binary && !value.binary->bytes.empty();
    if (has_other) {
        return Failure{
            ErrorCode::invalid_parameter_value,
            fmt::format(
                "Message (user) attribute '{}' of type '{}' must not contain a {}.",
                name,
                attribute.type,
                binary ? "StringValue" : "BinaryValue"
            )};
    }
    if (binary) {
        attribute.value = value.binary ? std::move(value.binary->bytes) : "";
    } else {
        attribute.value = value.text ? std::move(*value.text) : "";
    }
    return std::nullopt;
}

std::optional<Failure> read_system_attributes(
    AttributeValues& given, ports::MessageAttributes& attributes
) {
    for (auto& [name, value] : given) {
        auto& attribute = attributes[name];
        if (auto failure = read_attribute(name, value, attribute)) {
            return failure;
        }
        if (name != kTraceHeader || attribute.type != "String" || attribute.value.empty()) {
            return Failure{
                ErrorCode::invalid_parameter_value,
                fmt::format(
                    "Message (system) attribute '{}' is invalid: only {} is supported, with a "
                    "non-empty value of type 'String'.",
                    name,
                    kTraceHeader
                )};
        }
        if (!queue::has_only_message_characters(attribute.value)) {
            return Failure{
                ErrorCode::invalid_parameter_value,
                fmt::format("Message (system) attribute '{}' has invalid characters.", name)};
        }
    }
    return std::nullopt;
}

}  // namespace

IncomingMessage read_message(const Context& context, MessageFields fields) {
    IncomingMessage incoming;
    auto& message = incoming.message;
    message.body = fields.body ? std::move(*fields.body) : "";
    if (fields.delay_seconds) {
        message.delay = std::chrono::seconds{*fields.delay_seconds};
    }
    message.group = std::move(fields.group_id);
    message.deduplication = std::move(fields.deduplication_id);
    message.sender = context.sender;
    for (auto& [name, value] : fields.attributes) {
        if (auto failure = read_attribute(name, value, message.attributes[name])) {
            incoming.failure = std::move(failure);
            return incoming;
        }
    }
    incoming.failure = read_system_attributes(fields.system_attributes, incoming.system_attributes);
    message.trace_header = context.trace_header;
    if (!incoming.failure && !incoming.system_attributes.empty()) {
        message.trace_header = incoming.system_attributes.begin()->second.value;
    }
    return incoming;
}

Digests digest(const IncomingMessage& incoming) {
    Digests digests{md5(incoming.message.body), std::nullopt, std::nullopt};
    if (!incoming.message.attributes.empty()) {
        digests.attributes = attributes_md5(incoming.message.attributes);
    }
    if (!incoming.system_attributes.empty()) {
        digests.system_attributes = attributes_md5(incoming.system_attributes);
    }
    return digests;
}

std::string shown_sequence(std::int64_t sequence) {
    return fmt::format("{:020}", sequence);
}

}  // namespace kiln::api::sqs
