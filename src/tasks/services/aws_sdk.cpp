#include "tasks/api_shapes.hpp"
#include "tasks/services.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

/// What is said of every failed attempt: the SDK tries once.
constexpr std::string_view kAttempts = " (SDK Attempt Count: 1)";

/// Errors that are none of the service's own model; the SDK has its base class for them.
constexpr std::array<std::string_view, 6> kUnmodelled{
    "InternalFailure",
    "InvalidAction",
    "InvalidParameterValueException",
    "MissingRequiredParameterException",
    "SerializationException",
    "UnknownOperationException",
};

std::string error_name(std::string_view service, std::string_view code) {
    const bool unmodelled =
        code.empty() ||
        std::find(kUnmodelled.begin(), kUnmodelled.end(), code) != kUnmodelled.end();
    const auto name = unmodelled ? service : code;
    return fmt::format("{}.{}{}", service, name, name.ends_with("Exception") ? "" : "Exception");
}

flow::TaskFailure failure_of(const std::string& service, const ApiAnswer& answer) {
    return {
        error_name(service, answer.code),
        fmt::format(
            "{} (Service: {}, Status Code: {}, Request ID: {}){}",
            answer.message,
            service,
            answer.status,
            answer.request_id,
            kAttempts
        )};
}

/// SQS' members are capital already, but for how the SDK spells its sums.
constexpr std::string_view kWireSum = "MD5Of";
constexpr std::string_view kSdkSum = "Md5Of";

json::value sqs_output(const json::value& body) {
    if (body.is_array()) {
        json::array out;
        for (const auto& item : body.get_array()) {
            out.push_back(sqs_output(item));
        }
        return out;
    }
    if (!body.is_object()) {
        return body;
    }
    json::object out;
    for (const auto& [key, value] : body.get_object()) {
        const std::string_view name = key;
        if (name.starts_with(kWireSum)) {
            out[std::string{kSdkSum} + std::string{name.substr(kWireSum.size())}] = value;
        } else {
            out[capital(name)] = sqs_output(value);
        }
    }
    return out;
}

json::object sqs_input(const json::object& parameters) {
    json::object out;
    for (const auto& [key, value] : parameters) {
        if (value.is_null()) {
            continue;
        }
        const bool text = key == "MessageBody" && !value.is_string();
        out[key] = text ? json::value(text_of(value)) : value;
    }
    return out;
}

class SdkService final : public Service {
  public:
    SdkService(const ServiceWorld& world, std::string name)
        : api_{world.api}, name_{std::move(name)} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.pattern == asl::Pattern::request_response ||
               resource.pattern == asl::Pattern::wait_for_task_token;
    }

    void run(JobPtr job) override {
        const auto& parameters = parameters_of(job->call());
        const bool sfn = name_ == "sfn";
        auto input = sfn ? sfn_input(parameters) : sqs_input(parameters);
        const auto operation = capital(job->call().resource.action);
        if (operation == "StartExecution" && sfn && !input.contains("name")) {
            input["name"] = task_uuid(job->call());  // what was begun before is not begun twice
        }
        api_.call(name_, operation, input, [job, sfn, name = capital(name_)](const auto& answer) {
            if (!answer.succeeded()) {
                return job->failed(failure_of(name, answer));
            }
            job->answered(sfn ? sfn_output(answer.body, Times::iso) : sqs_output(answer.body));
        });
    }

  private:
    ApiCaller& api_;
    std::string name_;
};

}  // namespace

std::unique_ptr<Service> sdk_service(const ServiceWorld& world, std::string name) {
    return std::make_unique<SdkService>(world, std::move(name));
}

}  // namespace kiln::tasks
