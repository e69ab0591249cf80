#include "machines/rules.hpp"

#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

constexpr std::size_t kLongestName = 80;
constexpr std::size_t kMostTags = 50;
constexpr std::string_view kNotInNames = " <>{}[]?*\"#%\\^|~`$&,;:/";

/// Code points of well-formed UTF-8; nullopt at its end.
std::optional<char32_t> next_code_point(std::string_view& text) noexcept {
    if (text.empty()) {
        return std::nullopt;
    }
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t point = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t at = 1; at < length && at < text.size(); ++at) {
        point = (point << 6U) | (static_cast<unsigned char>(text[at]) & 0x3fU);
    }
    text.remove_prefix(std::min(length, text.size()));
    return point;
}

bool is_allowed(char32_t point) noexcept {
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    const bool space = point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
                       point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f ||
                       point == 0x3000;
    const bool listed =
        point < 0x80 && kNotInNames.find(static_cast<char>(point)) != std::string_view::npos;
    return !control && !space && !listed;
}

bool is_good_name(std::string_view name) {
    std::size_t length = 0;
    for (auto rest = name; const auto point = next_code_point(rest);) {
        if (!is_allowed(*point) || ++length > kLongestName) {
            return false;
        }
    }
    return length > 0;
}

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
    if (is_utf8(name) && is_good_name(name)) {
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
