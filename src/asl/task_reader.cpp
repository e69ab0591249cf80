#include "asl/integrations.hpp"
#include "asl/settings.hpp"
#include "asl/state_reader.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::int64_t kLongestSeconds = 99'999'999;

void check_express(const Fields& fields, const Resource& resource) {
    std::string_view what;
    if (resource.kind == ResourceKind::activity) {
        what = "Activity ARN";
    } else if (resource.pattern == Pattern::sync || resource.pattern == Pattern::sync2) {
        what = "'.sync' service integration";
    } else if (resource.pattern == Pattern::wait_for_task_token) {
        what = "'.waitForTaskToken' service integration ";  // AWS' text ends with the blank
    }
    if (!what.empty()) {
        fields.report().schema(
            fmt::format("Express state machine does not support {}", what), fields.at("Resource")
        );
    }
}

std::optional<Setting> read_credentials(
    const Fields& fields, QueryLanguage language, const Resource* resource
) {
    constexpr std::string_view kKey = "Credentials";
    const auto* const value = fields.find(kKey);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (resource != nullptr && resource->kind == ResourceKind::activity) {
        fields.report().schema(
            "The field 'Credentials' is not supported for activities", fields.at(kKey)
        );
        return std::nullopt;
    }
    const auto jsonata = language == QueryLanguage::jsonata;
    if (jsonata && value->is_string()) {
        return jsonata_expression_setting(fields, kKey);
    }
    const auto* const object = fields.object(kKey);
    if (object == nullptr) {
        return std::nullopt;
    }
    const Fields credentials{fields.session(), *object, fields.at(kKey)};
    if (!credentials.has("RoleArn") && (jsonata || !credentials.has("RoleArn.$"))) {
        fields.report().schema(
            "The field 'RoleArn' is required but was missing", credentials.where()
        );
        return std::nullopt;
    }
    return jsonata ? jsonata_setting(fields, kKey) : template_setting(fields, kKey);
}

std::optional<std::int64_t> constant(const std::optional<Setting>& setting) {
    const auto* const value = setting ? std::get_if<json::value>(&setting->value) : nullptr;
    return value == nullptr ? std::nullopt : std::optional{value->as_int64()};
}

}  // namespace

std::optional<Resource> read_resource(const Fields& fields) {
    constexpr std::string_view kKey = "Resource";
    const auto text = fields.string(kKey);
    if (!text) {
        return std::nullopt;
    }
    if (!looks_like_arn(*text)) {
        fields.report().schema("Value is not a valid resource ARN", fields.at(kKey));
        return std::nullopt;
    }
    auto resource = parse_resource(*text);
    return resource ? std::move(resource) : Resource{.arn = *text};
}

TaskFields read_task(const Fields& fields, QueryLanguage language, const GroupContext& group) {
    TaskFields task;
    fields.require({"Resource"});
    const auto resource = read_resource(fields);
    if (resource) {
        if (resource->kind == ResourceKind::integration &&
            (resource->service.empty() || !is_known_resource(*resource))) {
            fields.report().schema(
                fmt::format(
                    "The resource provided {} is not recognized. The value is not a valid resource "
                    "ARN, or the resource is not available in this region.",
                    resource->arn
                ),
                fields.at("Resource")
            );
        } else if (group.express) {
            check_express(fields, *resource);
        }
        task.resource = *resource;
    }
    task.timeout = integer_setting(
        fields, language, "TimeoutSeconds", "TimeoutSecondsPath", 1, kLongestSeconds
    );
    task.heartbeat = integer_setting(
        fields, language, "HeartbeatSeconds", "HeartbeatSecondsPath", 1, kLongestSeconds
    );
    const auto timeout = constant(task.timeout);
    const auto heartbeat = constant(task.heartbeat);
    if (timeout && heartbeat && *heartbeat >= *timeout) {
        fields.report().schema(
            "HeartbeatSeconds must be smaller than TimeoutSeconds", fields.at("HeartbeatSeconds")
        );
    }
    task.credentials = read_credentials(fields, language, resource ? &*resource : nullptr);
    return task;
}

}  // namespace kiln::asl
