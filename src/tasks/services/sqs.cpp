#include "net/url.hpp"
#include "tasks/api_shapes.hpp"
#include "tasks/services.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

/// The errors that AWS' first SDK for Java has classes for; all others are its AmazonSQSException.
/// Source: AWS SDK for Java 1.x, package com.amazonaws.services.sqs.model.
constexpr std::array<std::string_view, 5> kClasses{
    "InvalidAttributeName",
    "InvalidMessageContents",
    "OverLimit",
    "QueueDoesNotExist",
    "UnsupportedOperation",
};

flow::TaskFailure failure_of(const ApiAnswer& answer) {
    const bool known = std::find(kClasses.begin(), kClasses.end(), answer.code) != kClasses.end();
    return {
        fmt::format("SQS.{}Exception", known ? answer.code : "AmazonSQS"),
        fmt::format(
            "{} (Service: AmazonSQS; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
            answer.message,
            answer.status,
            answer.query_code,
            answer.request_id
        )};
}

/// The host of a URL that cannot be a queue's, which has a path /ACCOUNT/NAME. "": it can be one,
/// or is no URL.
std::string unreachable_host(const json::object& input) {
    const auto* value = input.if_contains("QueueUrl");
    const std::string url{
        value != nullptr && value->is_string() ? value->get_string() : json::string{}};
    if (url.find("://") == std::string::npos) {
        return "";
    }
    try {
        const auto parsed = net::parse_url(url);
        const auto parts = std::count(parsed.path.begin(), parsed.path.end(), '/');
        return parts == 2 && !parsed.path.ends_with('/') ? "" : parsed.host;
    } catch (const Error&) {
        return "";
    }
}

class SqsService final : public Service {
  public:
    explicit SqsService(const ServiceWorld& world) : api_{world.api}, clock_{world.clock} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.action == "sendMessage" &&
               (resource.pattern == asl::Pattern::request_response ||
                resource.pattern == asl::Pattern::wait_for_task_token);
    }

    void run(JobPtr job) override {
        auto input = known_members(
            parameters_of(job->call()),
            {"DelaySeconds",
             "MessageAttributes",
             "MessageBody",
             "MessageDeduplicationId",
             "MessageGroupId",
             "QueueUrl"}
        );
        if (auto* body = input.if_contains("MessageBody"); body != nullptr && !body->is_string()) {
            *body = text_of(*body);
        }
        if (const auto host = unreachable_host(input); !host.empty()) {
            return job->failed(
                {"SQS.SdkClientException",
                 fmt::format("Unable to execute HTTP request: {}: Name or service not known", host)}
            );
        }
        api_.call("sqs", "SendMessage", input, [this, job](const ApiAnswer& answer) {
            if (!answer.succeeded()) {
                return job->failed(failure_of(answer));
            }
            auto output = answer.body.as_object();
            add_sdk_metadata(output, answer, clock_.now());
            job->answered(std::move(output));
        });
    }

  private:
    ApiCaller& api_;
    const ports::Clock& clock_;
};

}  // namespace

std::unique_ptr<Service> sqs_service(const ServiceWorld& world) {
    return std::make_unique<SqsService>(world);
}

}  // namespace kiln::tasks
