#pragma once

#include "api/sqs/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What SQS' operations give; see message_shapes.hpp. Views live as long as what they were made
/// of: an answer is encoded at once. What is empty or not set is left out.
namespace kiln::api::sqs {

/// Of operations that only succeed: no body over JSON.
struct Nothing {
    static constexpr bool kHasResult = false;

    void members(auto&) {}
};

struct QueueUrlAnswer {
    std::string queue_url;

    void members(auto& visit) { visit("QueueUrl", queue_url); }
};

struct QueueUrlsAnswer {
    std::vector<std::string> queue_urls;
    Text next_token;

    void members(auto& visit) {
        visit("QueueUrls", Item{"QueueUrl", "queueUrls"}, queue_urls);
        visit("NextToken", next_token);
    }
};

/// ListDeadLetterSourceQueues, whose list AWS writes with a small letter.
struct SourceQueuesAnswer {
    std::vector<std::string> queue_urls;
    Text next_token;

    void members(auto& visit) {
        visit.required("queueUrls", Item{"QueueUrl"}, queue_urls);
        visit("NextToken", next_token);
    }
};

using ShownPairs = std::vector<std::pair<std::string, std::string>>;

struct AttributesAnswer {
    ShownPairs attributes;

    void members(auto& visit) { visit("Attributes", Pairs{"Attribute"}, attributes); }
};

struct TagsAnswer {
    ShownPairs tags;

    void members(auto& visit) { visit("Tags", Pairs{"Tag", "Key", "Value"}, tags); }
};

struct SentAnswer {
    Text entry_id;  ///< in a batch
    std::string message_id;
    std::string body_md5;
    Text attributes_md5;
    Text system_attributes_md5;
    Text sequence_number;

    void members(auto& visit) {
        visit("Id", entry_id);
        visit("MessageId", message_id);
        visit("MD5OfMessageBody", body_md5);
        visit("MD5OfMessageAttributes", attributes_md5);
        visit("MD5OfMessageSystemAttributes", system_attributes_md5);
        visit("SequenceNumber", sequence_number);
    }
};

struct FailedEntry {
    std::string id;
    bool sender_fault = true;
    std::string code;
    std::string message;

    void members(auto& visit) {
        visit("Id", id);
        visit("SenderFault", sender_fault);
        visit("Code", code);
        visit("Message", message);
    }
};

/// An entry of DeleteMessageBatch or ChangeMessageVisibilityBatch that was done.
struct DoneEntry {
    std::string id;

    void members(auto& visit) { visit("Id", id); }
};

/// @param item  the name of `successful`'s items over Query
template <class Entry>
struct BatchAnswer {
    Item item;
    std::vector<Entry> successful;
    std::vector<FailedEntry> failed;

    void members(auto& visit) {
        visit("Successful", item, successful);
        visit("Failed", Item{"BatchResultErrorEntry"}, failed);
    }
};

struct ShownAttribute {
    std::string_view type;
    std::optional<std::string_view> text;
    std::optional<std::string_view> binary;

    void members(auto& visit) {
        visit("StringValue", text);
        visit.base64("BinaryValue", binary);
        visit("DataType", type);
    }
};

struct ShownMessage {
    std::string_view id;
    std::string_view receipt;
    std::string body_md5;
    std::string_view body;
    ShownPairs system_attributes;
    Text attributes_md5;
    std::vector<std::pair<std::string_view, ShownAttribute>> attributes;

    void members(auto& visit) {
        visit("MessageId", id);
        visit("ReceiptHandle", receipt);
        visit("MD5OfBody", body_md5);
        visit("Body", body);
        visit("Attributes", Pairs{"Attribute"}, system_attributes);
        visit("MD5OfMessageAttributes", attributes_md5);
        visit("MessageAttributes", Pairs{"MessageAttribute"}, attributes);
    }
};

struct MessagesAnswer {
    std::vector<ShownMessage> messages;

    void members(auto& visit) { visit("Messages", Item{"Message", "messages"}, messages); }
};

struct TaskHandleAnswer {
    std::string handle;

    void members(auto& visit) { visit("TaskHandle", handle); }
};

struct MovedAnswer {
    std::int64_t moved = 0;

    void members(auto& visit) { visit("ApproximateNumberOfMessagesMoved", moved); }
};

struct ShownTask {
    Text handle;  ///< of a task that runs
    std::string_view status;
    std::string source_arn;
    Text destination_arn;
    Number per_second;
    std::int64_t moved = 0;
    Number to_move;
    Text failure;
    std::int64_t started = 0;  ///< milliseconds since 1970

    void members(auto& visit) {
        visit("TaskHandle", handle);
        visit("Status", status);
        visit("SourceArn", source_arn);
        visit("DestinationArn", destination_arn);
        visit("MaxNumberOfMessagesPerSecond", per_second);
        visit("ApproximateNumberOfMessagesMoved", moved);
        visit("ApproximateNumberOfMessagesToMove", to_move);
        visit("FailureReason", failure);
        visit("StartedTimestamp", started);
    }
};

struct TasksAnswer {
    std::vector<ShownTask> results;

    void members(auto& visit) {
        visit("Results", Item{"ListMessageMoveTasksResultEntry"}, results);
    }
};

}  // namespace kiln::api::sqs
