#include "aws/sqs_queue.hpp"

#include "aws/queue_url.hpp"
#include "aws/sqs_errors.hpp"
#include "aws/sqs_messages.hpp"
#include "ports/queue_rules.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

/// For one answer, and for all attempts of a call together.
constexpr std::chrono::seconds kAnswer{30};
constexpr std::chrono::seconds kPatience{120};

CallLimits limits(std::chrono::seconds beyond = std::chrono::seconds{0}) {
    return {kAnswer + beyond, Deadline::after(kPatience + beyond)};
}

bool is_url(std::string_view queue) {
    return queue.starts_with("https://") || queue.starts_with("http://");
}

const json::array& entries(const json::object& answer, std::string_view name) {
    static const json::array none;
    const auto* value = answer.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::string member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

/// How many of the first messages make one batch: up to ten, and a mebibyte together.
std::size_t batch_size(std::span<const ports::OutgoingMessage> messages) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (const auto& message : messages.first(std::min(messages.size(), kMaxBatch))) {
        bytes += ports::message_bytes(message);
        if (count > 0 && bytes > ports::kMostMessageBytes) {
            break;
        }
        ++count;
    }
    return count;
}

/// A delivery that is over has no error of its own in a standard queue, but for its words.
bool delivery_is_over(const ServiceFailure& failure) {
    return failure.name == "InvalidParameterValue" &&
           (failure.message.find("does not exist or is not available for visibility") !=
                std::string::npos ||
            failure.message.find("receipt handle has expired") != std::string::npos);
}

Error receipt_error(
    const ServiceFailure& failure, std::string_view operation, std::string_view queue
) {
    auto error = sqs_error(failure, operation, queue);
    return delivery_is_over(failure) ? Error{ErrorKind::conflict, error.message()} : error;
}

}  // namespace

SqsQueue::SqsQueue(Location location, ClientWorld world, Urls known)
    : client_{{"sqs", "AmazonSQS", "1.0"}, std::move(location), std::move(world)},
      urls_{std::move(known)} {}

std::string SqsQueue::url_of(const std::string& queue, const std::stop_token& stop) {
    if (is_url(queue)) {
        return queue;
    }
    {
        auto urls = urls_.lock();
        if (const auto known = urls->find(queue); known != urls->end()) {
            return known->second;
        }
    }
    const auto answer = client_.call("GetQueueUrl", {{"QueueName", queue}}, limits(), stop);
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw sqs_error(*failure, "GetQueueUrl", queue);
    }
    auto url = member(std::get<json::object>(answer), "QueueUrl");
    if (url.empty()) {
        throw Error{ErrorKind::unavailable, "sqs GetQueueUrl: an answer without a QueueUrl"};
    }
    urls_.lock()->insert_or_assign(queue, url);
    return url;
}

void SqsQueue::forget(const std::string& queue) {
    urls_.lock()->erase(queue);
}

JsonClient::Outcome SqsQueue::ask(
    std::string_view operation,
    const std::string& queue,
    json::object input,
    const CallLimits& within,
    const std::stop_token& stop
) {
    input["QueueUrl"] = url_of(queue, stop);
    auto answer = client_.call(operation, input, within, stop);
    const auto* failure = std::get_if<ServiceFailure>(&answer);
    if (failure != nullptr && sqs_error_kind(*failure) == ErrorKind::not_found) {
        forget(queue);
    }
    return answer;
}

json::object SqsQueue::call(
    std::string_view operation,
    const std::string& queue,
    json::object input,
    const CallLimits& within,
    const std::stop_token& stop
) {
    auto answer = ask(operation, queue, std::move(input), within, stop);
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw sqs_error(*failure, operation, queue);
    }
    return std::move(std::get<json::object>(answer));
}

ports::SentMessage SqsQueue::send_one(
    const std::string& queue, const ports::OutgoingMessage& message
) {
    return read_sent(call("SendMessage", queue, message_json(message), limits()), message);
}

/// Appends to `sent`, in their order.
void SqsQueue::send_batch(
    const std::string& queue,
    std::span<const ports::OutgoingMessage> messages,
    std::vector<ports::SentMessage>& sent
) {
    json::array all;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        auto entry = message_json(messages[i]);
        entry["Id"] = std::to_string(i);
        all.push_back(std::move(entry));
    }
    const auto answer = call("SendMessageBatch", queue, {{"Entries", std::move(all)}}, limits());
    std::map<std::string, const json::object*> taken;
    for (const auto& entry : entries(answer, "Successful")) {
        taken.emplace(member(entry.as_object(), "Id"), &entry.as_object());
    }
    std::map<std::string, ServiceFailure> refused;
    for (const auto& entry : entries(answer, "Failed")) {
        const auto& object = entry.as_object();
        const auto* blame = object.if_contains("SenderFault");
        if (blame != nullptr && blame->is_bool() && blame->get_bool()) {
            refused
                .emplace(
                    member(object, "Id"),
                    read_failure({400, {{"x-amzn-errortype", member(object, "Code")}}, ""})
                )
                .first->second.message = member(object, "Message");
        }
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto id = std::to_string(i);
        if (const auto found = taken.find(id); found != taken.end()) {
            sent.push_back(read_sent(*found->second, messages[i]));
        } else if (const auto no = refused.find(id); no != refused.end()) {
            throw sqs_error(no->second, "SendMessageBatch", queue);
        } else {
            sent.push_back(send_one(queue, messages[i]));
        }
    }
}

std::vector<ports::SentMessage> SqsQueue::send(
    const std::string& queue, const std::vector<ports::OutgoingMessage>& messages
) {
    std::vector<ports::SentMessage> sent;
    std::span<const ports::OutgoingMessage> rest{messages};
    const auto bad = std::find_if(messages.begin(), messages.end(), [&](const auto& message) {
        return !ports::problems_of(message, queue).empty();
    });
    rest = rest.first(static_cast<std::size_t>(bad - messages.begin()));
    while (!rest.empty()) {
        const auto count = ports::is_fifo(queue) ? 1 : batch_size(rest);
        if (count == 1) {
            sent.push_back(send_one(queue, rest.front()));
        } else {
            send_batch(queue, rest.first(count), sent);
        }
        rest = rest.subspan(count);
    }
    if (bad != messages.end()) {
        (void)url_of(queue);  // a queue that is not there is the first thing to say
        throw ports::message_error(sent.size() + 1, queue, ports::problems_of(*bad, queue));
    }
    return sent;
}

std::vector<ports::ReceivedMessage> SqsQueue::receive(
    const std::string& queue, const ports::ReceiveSpec& spec, const std::stop_token& stop
) {
    ports::check(spec);
    json::object input{
        {"MaxNumberOfMessages", spec.at_most},
        {"WaitTimeSeconds", spec.wait.count()},
        {"MessageSystemAttributeNames", json::array{"All"}},
        {"MessageAttributeNames", json::array{"All"}},
    };
    if (spec.visibility) {
        input["VisibilityTimeout"] = spec.visibility->count();
    }
    std::vector<ports::ReceivedMessage> received;
    if (stop.stop_requested()) {
        return received;
    }
    try {
        const auto answer =
            call("ReceiveMessage", queue, std::move(input), limits(spec.wait), stop);
        for (const auto& message : entries(answer, "Messages")) {
            received.push_back(read_received(message.as_object()));
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::cancelled || !stop.stop_requested()) {
            throw;
        }
    }
    return received;
}

void SqsQueue::extend(
    const std::string& queue, const std::string& receipt, std::chrono::seconds visibility
) {
    constexpr std::string_view operation = "ChangeMessageVisibility";
    const auto answer =
        ask(operation,
            queue,
            {{"ReceiptHandle", receipt}, {"VisibilityTimeout", visibility.count()}},
            limits());
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw receipt_error(*failure, operation, queue);
    }
}

void SqsQueue::remove(const std::string& queue, const std::string& receipt) {
    constexpr std::string_view operation = "DeleteMessage";
    const auto answer = ask(operation, queue, {{"ReceiptHandle", receipt}}, limits());
    if (const auto* failure = std::get_if<ServiceFailure>(&answer)) {
        throw receipt_error(*failure, operation, queue);
    }
}

}  // namespace kiln::aws
