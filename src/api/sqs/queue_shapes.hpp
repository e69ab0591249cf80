#pragma once

#include "api/sqs/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What SQS' operations on queues take; see message_shapes.hpp.
namespace kiln::api::sqs {

using TextMap = std::map<std::string, std::string, std::less<>>;

/// An operation that takes a queue and nothing else.
struct QueueOperation {
    Text queue_url;

    void members(auto& visit) { visit("QueueUrl", queue_url); }
};

struct DeleteQueue : QueueOperation {
    static constexpr std::string_view kName = "DeleteQueue";
};

struct PurgeQueue : QueueOperation {
    static constexpr std::string_view kName = "PurgeQueue";
};

struct ListQueueTags : QueueOperation {
    static constexpr std::string_view kName = "ListQueueTags";
};

struct CreateQueue {
    static constexpr std::string_view kName = "CreateQueue";
    Text name;
    TextMap attributes;
    TextMap tags;

    void members(auto& visit) {
        visit("QueueName", name);
        visit("Attributes", Pairs{"Attribute"}, attributes);
        visit("tags", Pairs{"Tag", "Key", "Value"}, tags);
    }
};

struct GetQueueUrl {
    static constexpr std::string_view kName = "GetQueueUrl";
    Text name;
    Text owner;

    void members(auto& visit) {
        visit("QueueName", name);
        visit("QueueOwnerAWSAccountId", owner);
    }
};

struct ListQueues {
    static constexpr std::string_view kName = "ListQueues";
    Text prefix;
    Text next_token;
    Number max_results;

    void members(auto& visit) {
        visit("QueueNamePrefix", prefix);
        visit("NextToken", next_token);
        visit("MaxResults", max_results);
    }
};

struct ListDeadLetterSourceQueues {
    static constexpr std::string_view kName = "ListDeadLetterSourceQueues";
    Text queue_url;
    Text next_token;
    Number max_results;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("NextToken", next_token);
        visit("MaxResults", max_results);
    }
};

struct GetQueueAttributes {
    static constexpr std::string_view kName = "GetQueueAttributes";
    Text queue_url;
    std::vector<std::string> names;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("AttributeNames", Item{"AttributeName"}, names);
    }
};

struct SetQueueAttributes {
    static constexpr std::string_view kName = "SetQueueAttributes";
    Text queue_url;
    TextMap attributes;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Attributes", Pairs{"Attribute"}, attributes);
    }
};

struct TagQueue {
    static constexpr std::string_view kName = "TagQueue";
    Text queue_url;
    TextMap tags;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Tags", Pairs{"Tag", "Key", "Value"}, tags);
    }
};

struct UntagQueue {
    static constexpr std::string_view kName = "UntagQueue";
    Text queue_url;
    std::vector<std::string> keys;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("TagKeys", Item{"TagKey"}, keys);
    }
};

struct AddPermission {
    static constexpr std::string_view kName = "AddPermission";
    Text queue_url;
    Text label;
    std::vector<std::string> accounts;
    std::vector<std::string> actions;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Label", label);
        visit("AWSAccountIds", Item{"AWSAccountId"}, accounts);
        visit("Actions", Item{"ActionName"}, actions);
    }
};

struct RemovePermission {
    static constexpr std::string_view kName = "RemovePermission";
    Text queue_url;
    Text label;

    void members(auto& visit) {
        visit("QueueUrl", queue_url);
        visit("Label", label);
    }
};

struct StartMessageMoveTask {
    static constexpr std::string_view kName = "StartMessageMoveTask";
    Text source_arn;
    Text destination_arn;
    Number per_second;

    void members(auto& visit) {
        visit("SourceArn", source_arn);
        visit("DestinationArn", destination_arn);
        visit("MaxNumberOfMessagesPerSecond", per_second);
    }
};

struct ListMessageMoveTasks {
    static constexpr std::string_view kName = "ListMessageMoveTasks";
    Text source_arn;
    Number max_results;

    void members(auto& visit) {
        visit("SourceArn", source_arn);
        visit("MaxResults", max_results);
    }
};

struct CancelMessageMoveTask {
    static constexpr std::string_view kName = "CancelMessageMoveTask";
    Text task_handle;

    void members(auto& visit) { visit("TaskHandle", task_handle); }
};

}  // namespace kiln::api::sqs
