#pragma once

#include "api/states/shape.hpp"

#include <algorithm>
#include <array>

/// The model's texts, numbers and booleans. The order of an enumeration's words is that in which
/// AWS' messages were seen to list them, where one was seen.
namespace kiln::api::states {

constexpr Shape text(
    std::string_view name, std::int64_t least, std::int64_t most, const Pattern* pattern = nullptr
) {
    return {.name = name, .least = least, .most = most, .pattern = pattern};
}

constexpr Shape secret(std::string_view name, std::int64_t least, std::int64_t most) {
    return {.name = name, .least = least, .most = most, .secret = true};
}

constexpr Shape one_of(std::string_view name, std::span<const std::string_view> words) {
    return {.name = name, .words = words};
}

constexpr Shape integer(std::string_view name, std::int64_t least, std::int64_t most) {
    return {.name = name, .kind = Kind::integer, .least = least, .most = most};
}

constexpr Shape decimal(std::string_view name, std::int64_t least, std::int64_t most) {
    return {.name = name, .kind = Kind::decimal, .least = least, .most = most};
}

constexpr Shape boolean(std::string_view name) {
    return {.name = name, .kind = Kind::boolean};
}

constexpr Shape list(
    std::string_view name, const Shape& item, std::int64_t least = 0, std::int64_t most = kNoMost
) {
    return {.name = name, .kind = Kind::list, .least = least, .most = most, .item = &item};
}

constexpr Shape structure(std::string_view name, std::span<const Member> members) {
    return {.name = name, .kind = Kind::structure, .members = members};
}

/// Letters, digits, `_`, `-` and `.`, not digits alone.
constexpr bool is_restricted_name(std::string_view text) noexcept {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
    };
    return std::any_of(text.begin(), text.end(), letter) &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9');
           });
}

constexpr bool is_visible_ascii(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

constexpr bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
}

constexpr Pattern kCharacterRestrictedNamePattern{
    R"(^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$)", is_restricted_name};
constexpr Pattern kClientTokenPattern{"[!-~]+", is_visible_ascii};
constexpr Pattern kTraceHeaderPattern{R"(\p{ASCII}*)", is_ascii};

constexpr Shape kName = text("Name", 1, 80);
constexpr Shape kTagKey = text("TagKey", 1, 128);
constexpr Shape kTagValue = text("TagValue", 0, 256);
constexpr Shape kKmsKeyId = text("KmsKeyId", 1, 2'048);
constexpr Shape kKmsDataKeyReusePeriodSeconds = integer("KmsDataKeyReusePeriodSeconds", 60, 900);
constexpr std::array<std::string_view, 2> kEncryptionTypeWords{
    "AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"};
constexpr Shape kEncryptionType = one_of("EncryptionType", kEncryptionTypeWords);
constexpr Shape kDefinition = secret("Definition", 1, 1'048'576);
constexpr Shape kArn = text("Arn", 1, 256);
constexpr std::array<std::string_view, 2> kStateMachineTypeWords{"STANDARD", "EXPRESS"};
constexpr Shape kStateMachineType = one_of("StateMachineType", kStateMachineTypeWords);
constexpr std::array<std::string_view, 4> kLogLevelWords{"ALL", "ERROR", "FATAL", "OFF"};
constexpr Shape kLogLevel = one_of("LogLevel", kLogLevelWords);
constexpr Shape kIncludeExecutionData = boolean("IncludeExecutionData");
constexpr Shape kEnabled = boolean("Enabled");
constexpr Shape kPublish = boolean("Publish");
constexpr Shape kVersionDescription = secret("VersionDescription", 0, 256);
constexpr Shape kAliasDescription = secret("AliasDescription", 0, 256);
constexpr Shape kCharacterRestrictedName =
    text("CharacterRestrictedName", 1, 80, &kCharacterRestrictedNamePattern);
constexpr Shape kVersionWeight = integer("VersionWeight", 0, 100);
constexpr Shape kLongArn = text("LongArn", 1, 2'000);
constexpr std::array<std::string_view, 2> kIncludedDataWords{"ALL_DATA", "METADATA_ONLY"};
constexpr Shape kIncludedData = one_of("IncludedData", kIncludedDataWords);
constexpr Shape kPageSize = integer("PageSize", 0, 1'000);
constexpr Shape kReverseOrder = boolean("ReverseOrder");
constexpr Shape kPageToken = text("PageToken", 1, 1'024);
constexpr Shape kIncludeExecutionDataGetExecutionHistory =
    boolean("IncludeExecutionDataGetExecutionHistory");
constexpr std::array<std::string_view, 6> kExecutionStatusWords{
    "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"};
constexpr Shape kExecutionStatus = one_of("ExecutionStatus", kExecutionStatusWords);
constexpr Shape kListExecutionsPageToken = text("ListExecutionsPageToken", 1, 3'096);
constexpr std::array<std::string_view, 2> kExecutionRedriveFilterWords{"REDRIVEN", "NOT_REDRIVEN"};
constexpr Shape kExecutionRedriveFilter =
    one_of("ExecutionRedriveFilter", kExecutionRedriveFilterWords);
constexpr Shape kRevisionId = text("RevisionId", 0, kNoMost);
constexpr Shape kClientToken = text("ClientToken", 1, 64, &kClientTokenPattern);
constexpr Shape kTaskToken = text("TaskToken", 1, 2'048);
constexpr Shape kSensitiveError = secret("SensitiveError", 0, 256);
constexpr Shape kSensitiveCause = secret("SensitiveCause", 0, 32'768);
constexpr Shape kSensitiveData = secret("SensitiveData", 0, 262'144);
constexpr Shape kTraceHeader = text("TraceHeader", 0, 256, &kTraceHeaderPattern);
constexpr std::array<std::string_view, 3> kInspectionLevelWords{"INFO", "DEBUG", "TRACE"};
constexpr Shape kInspectionLevel = one_of("InspectionLevel", kInspectionLevelWords);
constexpr Shape kRevealSecrets = boolean("RevealSecrets");
constexpr Shape kTestStateStateName = secret("TestStateStateName", 1, 80);
constexpr std::array<std::string_view, 3> kMockResponseValidationModeWords{
    "STRICT", "PRESENT", "NONE"};
constexpr Shape kMockResponseValidationMode =
    one_of("MockResponseValidationMode", kMockResponseValidationModeWords);
constexpr Shape kRetrierRetryCount = integer("RetrierRetryCount", 0, kNoMost);
constexpr Shape kMapIterationFailureCount = integer("MapIterationFailureCount", 0, kNoMost);
constexpr Shape kTagKeyList = list("TagKeyList", kTagKey);
constexpr Shape kMaxConcurrency = integer("MaxConcurrency", 0, kNoMost);
constexpr Shape kToleratedFailurePercentage = decimal("ToleratedFailurePercentage", 0, 100);
constexpr Shape kToleratedFailureCount = integer("ToleratedFailureCount", 0, kNoMost);
constexpr std::array<std::string_view, 2> kValidateStateMachineDefinitionSeverityWords{
    "ERROR", "WARNING"};
constexpr Shape kValidateStateMachineDefinitionSeverity =
    one_of("ValidateStateMachineDefinitionSeverity", kValidateStateMachineDefinitionSeverityWords);
constexpr Shape kValidateStateMachineDefinitionMaxResult =
    integer("ValidateStateMachineDefinitionMaxResult", 0, 100);

}  // namespace kiln::api::states
