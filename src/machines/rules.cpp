#include "machines/rules.hpp"

#include "asl/arn.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

constexpr std::size_t kMostTags = 50;

Result<json::object> logging_of(json::object given) {
    const auto* const destinations = given.if_contains("destinations");
    const auto count = destinations == nullptr ? std::size_t{0} : destinations->get_array().size();
    if (!given.contains("level")) {
        given["level"] = "OFF";
    }
    if (count > 1 || (count == 0 && given["level"] != "OFF")) {
        return Refusal{
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination."};
    }
    if (!given.contains("includeExecutionData")) {
        given["includeExecutionData"] = false;
    }
    return given;
}

}  // namespace

std::optional<Refusal> refuse_name(std::string_view name) {
    if (asl::is_name(name)) {
        return std::nullopt;
    }
    return Refusal{"InvalidName", fmt::format("Invalid Name: '{}'", name)};
}

Result<Tags> merge_tags(const Tags& current, const Tags& given, std::string_view arn) {
    auto merged = current;
    for (const auto& [key, value] : given) {
        const auto at = std::find_if(merged.begin(), merged.end(), [&](const auto& tag) {
            return tag.first == key;
        });
        if (at == merged.end()) {
            merged.emplace_back(key, value);
        } else {
            at->second = value;
        }
    }
    if (merged.size() > kMostTags) {
        return Refusal{
            "TooManyTags",
            fmt::format(
                "Too many tags for '{}': {}, where {} are allowed", arn, merged.size(), kMostTags
            )};
    }
    return merged;
}

Tags without_tags(Tags current, const std::vector<std::string>& keys) {
    std::erase_if(current, [&](const auto& tag) {
        return std::find(keys.begin(), keys.end(), tag.first) != keys.end();
    });
    return current;
}

Configuration default_configuration() {
    return {
        {{"level", "OFF"}, {"includeExecutionData", false}},
        {{"enabled", false}},
        {{"type", "AWS_OWNED_KEY"}}};
}

Result<json::object> encryption_of(const std::optional<json::object>& given) {
    if (!given) {
        return default_configuration().encryption;
    }
    if (const auto* const type = given->if_contains("type"); type && *type != "AWS_OWNED_KEY") {
        return Refusal{
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: there are no customer managed keys here; leave it "
            "out, or use AWS_OWNED_KEY"};
    }
    if (given->contains("kmsKeyId") || given->contains("kmsDataKeyReusePeriodSeconds")) {
        return Refusal{
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId and kmsDataKeyReusePeriodSeconds belong to "
            "CUSTOMER_MANAGED_KMS_KEY"};
    }
    return *given;
}

Result<Configuration> configure(
    const std::optional<json::object>& logging,
    const std::optional<json::object>& tracing,
    const std::optional<json::object>& encryption,
    const Configuration& current
) {
    auto made = current;
    if (logging) {
        auto checked = logging_of(*logging);
        if (auto* const refusal = std::get_if<Refusal>(&checked)) {
            return std::move(*refusal);
        }
        made.logging = std::move(std::get<json::object>(checked));
    }
    if (tracing) {
        made.tracing = *tracing;
        if (!made.tracing.contains("enabled")) {
            made.tracing["enabled"] = false;
        }
    }
    if (encryption) {
        auto checked = encryption_of(encryption);
        if (auto* const refusal = std::get_if<Refusal>(&checked)) {
            return std::move(*refusal);
        }
        made.encryption = std::move(std::get<json::object>(checked));
    }
    return made;
}

Refusal machine_does_not_exist(std::string_view arn) {
    return {"StateMachineDoesNotExist", fmt::format("State Machine Does Not Exist: '{}'", arn)};
}

Refusal machine_is_deleting(std::string_view arn) {
    return {"StateMachineDeleting", fmt::format("State Machine Deleting: '{}'", arn)};
}

Refusal no_such_reference() {
    return {"ResourceNotFound", "Request references a resource that does not exist."};
}

}  // namespace kiln::machines
