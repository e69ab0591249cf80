#include "aws/sqs_messages.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/md5.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

[[noreturn]] void lacking(std::string_view what) {
    throw Error{ErrorKind::unavailable, fmt::format("sqs: an answer without a usable {}", what)};
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        lacking(name);
    }
    return std::string{value->get_string()};
}

std::string text_or_empty(const json::object& object, std::string_view name) {
    return object.contains(name) ? text_of(object, name) : std::string{};
}

std::int64_t number_of(const std::string& text, std::string_view name) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) {
        lacking(name);
    }
    return value;
}

bool is_binary(std::string_view type) {
    return type == "Binary" || type.starts_with("Binary.");
}

void check_sum(const json::object& answer, std::string_view member, const std::string& ours) {
    if (ours.empty()) {
        return;
    }
    const auto theirs = text_of(answer, member);
    if (theirs != ours) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format(
                "sqs: {} is {}, of what is here {}: it was damaged on the way", member, theirs, ours
            )};
    }
}

ports::MessageAttributes read_attributes(const json::object& message) {
    ports::MessageAttributes out;
    const auto* all = message.if_contains("MessageAttributes");
    if (all == nullptr || !all->is_object()) {
        return out;
    }
    for (const auto& [name, value] : all->get_object()) {
        if (!value.is_object()) {
            lacking("MessageAttributes");
        }
        ports::MessageAttribute attribute{text_of(value.get_object(), "DataType"), ""};
        if (is_binary(attribute.type)) {
            const auto bytes = from_base64(text_of(value.get_object(), "BinaryValue"));
            if (!bytes) {
                lacking("BinaryValue");
            }
            attribute.value = *bytes;
        } else {
            attribute.value = text_of(value.get_object(), "StringValue");
        }
        out.emplace(name, std::move(attribute));
    }
    return out;
}

}  // namespace

json::object message_json(const ports::OutgoingMessage& message) {
    json::object out{{"MessageBody", message.body}};
    if (message.delay) {
        out["DelaySeconds"] = message.delay->count();
    }
    if (!message.group.empty()) {
        out["MessageGroupId"] = message.group;
    }
    if (!message.deduplication.empty()) {
        out["MessageDeduplicationId"] = message.deduplication;
    }
    json::object attributes;
    for (const auto& [name, attribute] : message.attributes) {
        json::object entry{{"DataType", attribute.type}};
        if (is_binary(attribute.type)) {
            entry["BinaryValue"] = to_base64(attribute.value);
        } else {
            entry["StringValue"] = attribute.value;
        }
        attributes[name] = std::move(entry);
    }
    if (!attributes.empty()) {
        out["MessageAttributes"] = std::move(attributes);
    }
    return out;
}

std::string md5_of_attributes(const ports::MessageAttributes& attributes) {
    if (attributes.empty()) {
        return "";
    }
    Md5 sum;
    const auto add = [&sum](std::string_view part) {
        const auto size = static_cast<std::uint32_t>(part.size());
        std::string length(4, '\0');
        for (unsigned i = 0; i < 4; ++i) {
            length[i] = static_cast<char>(size >> (24U - 8U * i) & 0xFFU);
        }
        sum.update(length).update(part);
    };
    for (const auto& [name, attribute] : attributes) {
        add(name);
        add(attribute.type);
        sum.update(
            is_binary(attribute.type) ? std::string_view{"\2", 1} : std::string_view{"\1", 1}
        );
        add(attribute.value);
    }
    return sum.finish();
}

ports::SentMessage read_sent(const json::object& answer, const ports::OutgoingMessage& sent) {
    check_sum(answer, "MD5OfMessageBody", md5(sent.body));
    check_sum(answer, "MD5OfMessageAttributes", md5_of_attributes(sent.attributes));
    return {text_of(answer, "MessageId"), text_or_empty(answer, "SequenceNumber")};
}

ports::ReceivedMessage read_received(const json::object& message) {
    ports::ReceivedMessage out;
    out.id = text_of(message, "MessageId");
    out.receipt = text_of(message, "ReceiptHandle");
    out.body = text_of(message, "Body");
    out.attributes = read_attributes(message);
    check_sum(message, "MD5OfBody", md5(out.body));
    check_sum(message, "MD5OfMessageAttributes", md5_of_attributes(out.attributes));
    if (const auto* system = message.if_contains("Attributes");
        system != nullptr && system->is_object()) {
        const auto& known = system->get_object();
        constexpr std::string_view receives = "ApproximateReceiveCount";
        constexpr std::string_view sent = "SentTimestamp";
        if (known.contains(receives)) {
            out.receives = number_of(text_of(known, receives), receives);
        }
        if (known.contains(sent)) {
            out.sent = TimePoint{std::chrono::milliseconds{number_of(text_of(known, sent), sent)}};
        }
        out.group = text_or_empty(known, "MessageGroupId");
    }
    return out;
}

}  // namespace kiln::aws
