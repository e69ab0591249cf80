#include "tasks/services.hpp"

#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

ServiceTable all_services(const ServiceWorld& world) {
    ServiceTable table;
    table["states"] = states_service(world);
    table["sqs"] = sqs_service(world);
    table["aws-sdk:sfn"] = sdk_service(world, "sfn");
    table["aws-sdk:sqs"] = sdk_service(world, "sqs");
    table["lambda"] = lambda_service(world);
    table["http"] = http_service(world);
    table["kiln"] = kiln_service(world);
    return table;
}

const json::object& parameters_of(const flow::TaskCall& call) {
    static const json::object kNone;
    return call.parameters && call.parameters->is_object() ? call.parameters->get_object() : kNone;
}

json::object known_members(
    const json::object& parameters, std::initializer_list<std::string_view> names
) {
    json::object out;
    for (const auto name : names) {
        if (const auto* value = parameters.if_contains(name);
            value != nullptr && !value->is_null()) {
            out[name] = *value;
        }
    }
    return out;
}

std::string task_uuid(const flow::TaskCall& call) {
    auto hash = Sha256{};
    auto hex = hash.field(call.execution_arn).field(std::to_string(call.task)).finish();
    hex[12] = '8';  // RFC 9562: a UUID of one's own making
    hex[16] = '8';
    const std::string_view text = hex;
    return fmt::format(
        "{}-{}-{}-{}-{}",
        text.substr(0, 8),
        text.substr(8, 4),
        text.substr(12, 4),
        text.substr(16, 4),
        text.substr(20, 12)
    );
}

}  // namespace kiln::tasks
