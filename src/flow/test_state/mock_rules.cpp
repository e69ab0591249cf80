#include "flow/test_state/mock_rules.hpp"

#include "flow/test_state/request_rules.hpp"
#include "flow/test_state/service_shapes.hpp"
#include "flow/test_state/shape_check.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

constexpr std::string_view kSdkPrefix = "aws-sdk:";

struct ServiceName {
    std::string_view optimized;
    std::string_view sdk;
};

/// Optimized integrations whose service the SDK calls by another name.
constexpr std::array kOtherNames = {
    ServiceName{"bedrock", "bedrockruntime"},
    ServiceName{"elasticmapreduce", "emr"},
    ServiceName{"emr-containers", "emrcontainers"},
    ServiceName{"emr-serverless", "emrserverless"},
    ServiceName{"events", "eventbridge"},
    ServiceName{"states", "sfn"},
};

std::string_view sdk_name(std::string_view service) {
    if (service.starts_with(kSdkPrefix)) {
        return service.substr(kSdkPrefix.size());
    }
    const auto* const known = std::ranges::find(kOtherNames, service, &ServiceName::optimized);
    return known != kOtherNames.end() ? known->sdk : service;
}

/// Members that an optimized integration reads as JSON, where the API has a text or bytes.
struct Unpacked {
    std::string_view service, action;
    asl::Pattern pattern = asl::Pattern::request_response;
    std::array<std::string_view, 2> members;
};

constexpr std::array kUnpacked = {
    Unpacked{"lambda", "invoke", asl::Pattern::request_response, {"Payload"}},
    Unpacked{"bedrock", "invokeModel", asl::Pattern::request_response, {"Body"}},
    Unpacked{"states", "startExecution", asl::Pattern::sync2, {"Input", "Output"}},
};

std::vector<std::string_view> free_members_of(const asl::Resource& resource) {
    for (const auto& known : kUnpacked) {
        if (known.service == resource.service && known.action == resource.action &&
            known.pattern == resource.pattern) {
            return {known.members.begin(), known.members.end()};
        }
    }
    return {};
}

/// The action whose answer the task's result is; "": the result is not one action's answer.
std::string_view answering_action(const asl::Resource& resource) {
    if (resource.pattern == asl::Pattern::request_response) {
        return resource.action;
    }
    const bool awaited =
        resource.pattern == asl::Pattern::sync || resource.pattern == asl::Pattern::sync2;
    return awaited && resource.service == "states" && resource.action == "startExecution"
               ? "describeExecution"
               : "";
}

/// What does not fit; nullopt also where nothing is known about the answer.
std::optional<std::string> explain_task_result(
    const json::value& result, const asl::Resource& resource, FieldValidation mode
) {
    if (mode == FieldValidation::none || resource.kind != asl::ResourceKind::integration) {
        return std::nullopt;
    }
    const auto shapes = ServiceShapes::find(sdk_name(resource.service));
    const auto output = shapes ? shapes->output_of(answering_action(resource)) : std::nullopt;
    if (!output || output->empty()) {
        return std::nullopt;
    }
    const auto spelling = resource.service.starts_with(kSdkPrefix) ? Spelling::java : Spelling::api;
    return explain_mismatch(result, *output, {*shapes, spelling, mode, free_members_of(resource)});
}

std::optional<std::string> explain_result(
    const json::value& result, const Mock& mock, const asl::State& state
) {
    if (const auto* const map = std::get_if<asl::MapFields>(&state.fields)) {
        if (map->writer) {
            return result.is_object() ? std::nullopt
                                      : std::optional{"Mocked result must be a JSON object."};
        }
        return result.is_array() ? std::nullopt : std::optional{"Mocked result must be an array."};
    }
    if (const auto* const parallel = std::get_if<asl::ParallelFields>(&state.fields)) {
        const auto* const results = result.if_array();
        if (results == nullptr) {
            return "Mocked result must be an array.";
        }
        return results->size() == parallel->branches.size()
                   ? std::nullopt
                   : std::optional{
                         "Mocked result must contain the same number of items as number "
                         "of Parallel branches."};
    }
    const auto& task = std::get<asl::TaskFields>(state.fields);
    const auto why = explain_task_result(result, task.resource, mock.validation);
    return why ? std::optional{fmt::format("Mock result schema validation error: {}", *why)}
               : std::nullopt;
}

bool may_be_mocked(const asl::State& state) noexcept {
    return state.type == asl::StateType::task || state.type == asl::StateType::parallel ||
           state.type == asl::StateType::map;
}

}  // namespace

std::optional<Refusal> refuse_mock(const Mock& mock, const asl::State& state) {
    if (!may_be_mocked(state)) {
        return validation_refusal(fmt::format(
            "State type '{}' is not supported when a mock is specified", asl::to_string(state.type)
        ));
    }
    if (mock.result.has_value() == mock.error_output.has_value()) {
        return validation_refusal(
            "A test mock should have only one of the following fields: [result, errorOutput]."
        );
    }
    if (!mock.result) {
        return std::nullopt;
    }
    const auto result = read_payload(*mock.result);
    if (!result) {
        return validation_refusal("Mocked result must be valid JSON");
    }
    auto why = explain_result(*result, mock, state);
    return why ? std::optional{validation_refusal(*std::move(why))} : std::nullopt;
}

}  // namespace kiln::flow
