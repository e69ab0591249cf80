#pragma once

#include "api/sqs/value.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What SQS' operations on messages take, each declared once: `members` names every member to a
/// reader or writer of either protocol, in the order in which AWS writes them.
/// Source: AWS' API model of 2012-11-05.
namespace kiln::api::sqs {

struct AttributeValue {
    Text type;
    Text text;
    std::optional<Blob> binary;
    std::vector<std::string> texts;     ///< reserved by AWS: refused
    std::vector<std::string> binaries;  ///< reserved by AWS: refused

    void members(auto& visit) {
        visit("StringValue", text);
        visit("BinaryValue", binary);
        visit("StringListValues", Item{"StringListValue"}, texts);
        visit("BinaryListValues", Item{"BinaryListValue"}, binaries);
        visit("DataType", type);
    }
};

using AttributeValues = std::map<std::string, AttributeValue>;

/// A message, of SendMessage or of an entry of a batch.
struct MessageFields {
    Text body;
    Number delay_seconds;
    AttributeValues attributes;
    AttributeValues system_attributes;
    Text deduplication_id;
    Text group_id;

    void members(auto& visit) {
        visit("MessageBody", body);
        visit("DelaySeconds", delay_seconds);
        visit("MessageAttributes", Pairs{"MessageAttribute"}, attributes);
        visit("MessageSystemAttributes", Pairs{"MessageSystemAttribute"}, system_attributes);
        visit("MessageDeduplicationId", deduplication_id);
        visit("MessageGroupId", group_id);
    }
};

struct SendMessage {
    static constexpr std::string_view kName = "SendMessage";
    Text queue_url;
    MessageFields message;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        message.members(visit);
    }
};

struct SendMessageBatch {
    static constexpr std::string_view kName = "SendMessageBatch";

    struct Entry {
        Text id;
        MessageFields message;

        void members(auto& visit) {
            visit("Id", id);
            message.members(visit);
        }
    };

    Text queue_url;
    std::vector<Entry> entries;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Entries", Item{"SendMessageBatchRequestEntry"}, entries);
    }
};

struct ReceiveMessage {
    static constexpr std::string_view kName = "ReceiveMessage";
    Text queue_url;
    std::vector<std::string> attribute_names;
    std::vector<std::string> system_attribute_names;
    std::vector<std::string> message_attribute_names;
    Number at_most;
    Number visibility_timeout;
    Number wait_seconds;
    Text attempt_id;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("AttributeNames", Item{"AttributeName"}, attribute_names);
        visit(
            "MessageSystemAttributeNames",
            Item{"MessageSystemAttributeName"},
            system_attribute_names
        );
        visit("MessageAttributeNames", Item{"MessageAttributeName"}, message_attribute_names);
        visit("MaxNumberOfMessages", at_most);
        visit("VisibilityTimeout", visibility_timeout);
        visit("WaitTimeSeconds", wait_seconds);
        visit("ReceiveRequestAttemptId", attempt_id);
    }
};

struct DeleteMessage {
    static constexpr std::string_view kName = "DeleteMessage";
    Text queue_url;
    Text receipt_handle;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("ReceiptHandle", receipt_handle);
    }
};

struct DeleteMessageBatch {
    static constexpr std::string_view kName = "DeleteMessageBatch";

    struct Entry {
        Text id;
        Text receipt_handle;

        void members(auto& visit) {
            visit("Id", id);
            visit("ReceiptHandle", receipt_handle);
        }
    };

    Text queue_url;
    std::vector<Entry> entries;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Entries", Item{"DeleteMessageBatchRequestEntry"}, entries);
    }
};

struct ChangeMessageVisibility {
    static constexpr std::string_view kName = "ChangeMessageVisibility";
    Text queue_url;
    Text receipt_handle;
    Number visibility_timeout;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("ReceiptHandle", receipt_handle);
        visit("VisibilityTimeout", visibility_timeout);
    }
};

struct ChangeMessageVisibilityBatch {
    static constexpr std::string_view kName = "ChangeMessageVisibilityBatch";

    struct Entry {
        Text id;
        Text receipt_handle;
        Number visibility_timeout;

        void members(auto& visit) {
            visit("Id", id);
            visit("ReceiptHandle", receipt_handle);
            visit("VisibilityTimeout", visibility_timeout);
        }
    };

    Text queue_url;
    std::vector<Entry> entries;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Entries", Item{"ChangeMessageVisibilityBatchRequestEntry"}, entries);
    }
};

}  // namespace kiln::api::sqs
