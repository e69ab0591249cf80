// SqsQueue's other role: making queues and looking after them.

#include "aws/queue_url.hpp"
#include "aws/sqs_errors.hpp"
#include "aws/sqs_queue.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr int kPage = 1000;

CallLimits limits() {
    return {std::chrono::seconds{30}, Deadline::after(std::chrono::seconds{120})};
}

std::string flag(bool value) {
    return value ? "true" : "false";
}

/// The part after the last slash of a queue's URL.
std::string name_in(std::string_view url) {
    return std::string{url.substr(url.rfind('/') + 1)};
}

std::int64_t count_of(const json::object& attributes, std::string_view name) {
    const auto* value = attributes.if_contains(name);
    std::int64_t count = 0;
    if (value != nullptr && value->is_string()) {
        const auto& text = value->get_string();
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    return count;
}

json::object attributes_of(const ports::QueueSpec& spec, const std::string& dead_letter_arn) {
    json::object out{
        {"VisibilityTimeout", std::to_string(spec.visibility.count())},
        {"DelaySeconds", std::to_string(spec.delay.count())},
        {"MessageRetentionPeriod", std::to_string(spec.retention.count())},
    };
    if (ports::is_fifo(spec.name)) {
        out["FifoQueue"] = flag(true);
        out["ContentBasedDeduplication"] = flag(spec.content_deduplication);
    }
    if (spec.dead_letters) {
        out["RedrivePolicy"] = json::serialize(json::object{
            {"deadLetterTargetArn", dead_letter_arn},
            {"maxReceiveCount", std::to_string(spec.dead_letters->receives)}});
    }
    return out;
}

}  // namespace

/// @throws Error  invalid: there is no such queue
std::string SqsQueue::dead_letter_arn(const ports::DeadLetters& dead_letters) {
    try {
        return attribute(dead_letters.queue, "QueueArn");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
        throw Error{
            ErrorKind::invalid,
            fmt::format("there is no queue '{}' for dead letters", dead_letters.queue)}
            .hint("make that one first");
    }
}

std::string SqsQueue::attribute(const std::string& queue, std::string_view name) {
    const auto answer =
        call("GetQueueAttributes", queue, {{"AttributeNames", json::array{name}}}, limits());
    const auto* attributes = answer.if_contains("Attributes");
    const auto* value = attributes != nullptr && attributes->is_object()
                            ? attributes->get_object().if_contains(name)
                            : nullptr;
    if (value == nullptr || !value->is_string()) {
        throw Error{
            ErrorKind::unavailable, fmt::format("sqs GetQueueAttributes '{}': no {}", queue, name)};
    }
    return std::string{value->get_string()};
}

void SqsQueue::create(const ports::QueueSpec& spec) {
    ports::check(spec);
    const auto arn = spec.dead_letters ? dead_letter_arn(*spec.dead_letters) : "";
    json::object input{{"QueueName", spec.name}, {"Attributes", attributes_of(spec, arn)}};
    json::object tags;
    for (const auto& [name, value] : spec.tags) {
        tags[name] = value;
    }
    if (!tags.empty()) {
        input["tags"] = std::move(tags);
    }
    const auto answer = client_.call("CreateQueue", input, limits());
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw sqs_error(*failure, "CreateQueue", spec.name);
    }
    forget(spec.name);
}

void SqsQueue::destroy(const std::string& queue) {
    try {
        (void)call("DeleteQueue", queue, {}, limits());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    forget(queue);
}

std::vector<std::string> SqsQueue::list(const std::string& prefix) {
    std::vector<std::string> names;
    std::string more;
    do {
        json::object input{{"MaxResults", kPage}};
        if (!prefix.empty()) {
            input["QueueNamePrefix"] = prefix;
        }
        if (!more.empty()) {
            input["NextToken"] = more;
        }
        const auto answer = client_.call("ListQueues", input, limits());
        if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
            throw sqs_error(*failure, "ListQueues", "");
        }
        const auto& page = std::get<json::object>(answer);
        if (const auto* urls = page.if_contains("QueueUrls"); urls != nullptr && urls->is_array()) {
            for (const auto& url : urls->get_array()) {
                names.push_back(name_in(std::string_view{url.as_string()}));
            }
        }
        const auto* token = page.if_contains("NextToken");
        more = token != nullptr && token->is_string() ? std::string{token->get_string()} : "";
    } while (!more.empty());
    std::sort(names.begin(), names.end());
    return names;
}

ports::QueueDepth SqsQueue::depth(const std::string& queue) {
    constexpr std::string_view visible = "ApproximateNumberOfMessages";
    constexpr std::string_view in_flight = "ApproximateNumberOfMessagesNotVisible";
    constexpr std::string_view delayed = "ApproximateNumberOfMessagesDelayed";
    const auto answer = call(
        "GetQueueAttributes",
        queue,
        {{"AttributeNames", json::array{visible, in_flight, delayed}}},
        limits()
    );
    const auto* found = answer.if_contains("Attributes");
    const auto attributes =
        found != nullptr && found->is_object() ? found->get_object() : json::object{};
    return {
        count_of(attributes, visible),
        count_of(attributes, in_flight),
        count_of(attributes, delayed),
        std::nullopt};
}

void SqsQueue::purge(const std::string& queue) {
    (void)call("PurgeQueue", queue, {}, limits());
}

void SqsQueue::redrive(const std::string& queue) {
    const json::object input{{"SourceArn", attribute(queue, "QueueArn")}};
    const auto answer = client_.call("StartMessageMoveTask", input, limits());
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw sqs_error(*failure, "StartMessageMoveTask", queue);
    }
}

}  // namespace kiln::aws
