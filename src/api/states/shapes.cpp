#include "api/states/simple_shapes.hpp"

namespace kiln::api::states {

namespace {

// --- Structures within inputs.

constexpr std::array kTagMembers{
    Member{"key", &kTagKey},
    Member{"value", &kTagValue},
};
constexpr Shape kTag = structure("Tag", kTagMembers);

constexpr Shape kTagList = list("TagList", kTag);

constexpr std::array kEncryptionConfigurationMembers{
    Member{"kmsKeyId", &kKmsKeyId},
    Member{"kmsDataKeyReusePeriodSeconds", &kKmsDataKeyReusePeriodSeconds},
    Member{"type", &kEncryptionType, true},
};
constexpr Shape kEncryptionConfiguration =
    structure("EncryptionConfiguration", kEncryptionConfigurationMembers);

constexpr std::array kCloudWatchLogsLogGroupMembers{
    Member{"logGroupArn", &kArn},
};
constexpr Shape kCloudWatchLogsLogGroup =
    structure("CloudWatchLogsLogGroup", kCloudWatchLogsLogGroupMembers);

constexpr std::array kLogDestinationMembers{
    Member{"cloudWatchLogsLogGroup", &kCloudWatchLogsLogGroup},
};
constexpr Shape kLogDestination = structure("LogDestination", kLogDestinationMembers);

constexpr Shape kLogDestinationList = list("LogDestinationList", kLogDestination);

constexpr std::array kLoggingConfigurationMembers{
    Member{"level", &kLogLevel},
    Member{"includeExecutionData", &kIncludeExecutionData},
    Member{"destinations", &kLogDestinationList},
};
constexpr Shape kLoggingConfiguration =
    structure("LoggingConfiguration", kLoggingConfigurationMembers);

constexpr std::array kTracingConfigurationMembers{
    Member{"enabled", &kEnabled},
};
constexpr Shape kTracingConfiguration =
    structure("TracingConfiguration", kTracingConfigurationMembers);

constexpr std::array kRoutingConfigurationListItemMembers{
    Member{"stateMachineVersionArn", &kArn, true},
    Member{"weight", &kVersionWeight, true},
};
constexpr Shape kRoutingConfigurationListItem =
    structure("RoutingConfigurationListItem", kRoutingConfigurationListItemMembers);

constexpr Shape kRoutingConfigurationList =
    list("RoutingConfigurationList", kRoutingConfigurationListItem, 1, 2);

constexpr std::array kMockErrorOutputMembers{
    Member{"error", &kSensitiveError},
    Member{"cause", &kSensitiveCause},
};
constexpr Shape kMockErrorOutput = structure("MockErrorOutput", kMockErrorOutputMembers);

constexpr std::array kMockInputMembers{
    Member{"result", &kSensitiveData},
    Member{"errorOutput", &kMockErrorOutput},
    Member{"fieldValidationMode", &kMockResponseValidationMode},
};
constexpr Shape kMockInput = structure("MockInput", kMockInputMembers);

constexpr std::array kTestStateConfigurationMembers{
    Member{"retrierRetryCount", &kRetrierRetryCount},
    Member{"errorCausedByState", &kTestStateStateName},
    Member{"mapIterationFailureCount", &kMapIterationFailureCount},
    Member{"mapItemReaderData", &kSensitiveData},
};
constexpr Shape kTestStateConfiguration =
    structure("TestStateConfiguration", kTestStateConfigurationMembers);

// --- Inputs, by operation.

constexpr std::array kCreateActivity{
    Member{"name", &kName, true},
    Member{"tags", &kTagList},
    Member{"encryptionConfiguration", &kEncryptionConfiguration},
};

constexpr std::array kCreateStateMachine{
    Member{"name", &kName, true},
    Member{"definition", &kDefinition, true},
    Member{"roleArn", &kArn, true},
    Member{"type", &kStateMachineType},
    Member{"loggingConfiguration", &kLoggingConfiguration},
    Member{"tags", &kTagList},
    Member{"tracingConfiguration", &kTracingConfiguration},
    Member{"publish", &kPublish},
    Member{"versionDescription", &kVersionDescription},
    Member{"encryptionConfiguration", &kEncryptionConfiguration},
};

constexpr std::array kCreateStateMachineAlias{
    Member{"description", &kAliasDescription},
    Member{"name", &kCharacterRestrictedName, true},
    Member{"routingConfiguration", &kRoutingConfigurationList, true},
};

constexpr std::array kDeleteActivity{
    Member{"activityArn", &kArn, true},
};

constexpr std::array kDeleteStateMachine{
    Member{"stateMachineArn", &kArn, true},
};

constexpr std::array kDeleteStateMachineAlias{
    Member{"stateMachineAliasArn", &kArn, true},
};

constexpr std::array kDeleteStateMachineVersion{
    Member{"stateMachineVersionArn", &kLongArn, true},
};

constexpr std::array kDescribeActivity{
    Member{"activityArn", &kArn, true},
};

constexpr std::array kDescribeExecution{
    Member{"executionArn", &kArn, true},
    Member{"includedData", &kIncludedData},
};

constexpr std::array kDescribeMapRun{
    Member{"mapRunArn", &kLongArn, true},
};

constexpr std::array kDescribeStateMachine{
    Member{"stateMachineArn", &kArn, true},
    Member{"includedData", &kIncludedData},
};

constexpr std::array kDescribeStateMachineAlias{
    Member{"stateMachineAliasArn", &kArn, true},
};

constexpr std::array kDescribeStateMachineForExecution{
    Member{"executionArn", &kArn, true},
    Member{"includedData", &kIncludedData},
};

constexpr std::array kGetActivityTask{
    Member{"activityArn", &kArn, true},
    Member{"workerName", &kName},
};

constexpr std::array kGetExecutionHistory{
    Member{"executionArn", &kArn, true},
    Member{"maxResults", &kPageSize},
    Member{"reverseOrder", &kReverseOrder},
    Member{"nextToken", &kPageToken},
    Member{"includeExecutionData", &kIncludeExecutionDataGetExecutionHistory},
};

constexpr std::array kListActivities{
    Member{"maxResults", &kPageSize},
    Member{"nextToken", &kPageToken},
};

constexpr std::array kListExecutions{
    Member{"stateMachineArn", &kArn},
    Member{"statusFilter", &kExecutionStatus},
    Member{"maxResults", &kPageSize},
    Member{"nextToken", &kListExecutionsPageToken},
    Member{"mapRunArn", &kLongArn},
    Member{"redriveFilter", &kExecutionRedriveFilter},
};

constexpr std::array kListMapRuns{
    Member{"executionArn", &kArn, true},
    Member{"maxResults", &kPageSize},
    Member{"nextToken", &kPageToken},
};

constexpr std::array kListStateMachineAliases{
    Member{"stateMachineArn", &kArn, true},
    Member{"nextToken", &kPageToken},
    Member{"maxResults", &kPageSize},
};

constexpr std::array kListStateMachineVersions{
    Member{"stateMachineArn", &kArn, true},
    Member{"nextToken", &kPageToken},
    Member{"maxResults", &kPageSize},
};

constexpr std::array kListStateMachines{
    Member{"maxResults", &kPageSize},
    Member{"nextToken", &kPageToken},
};

constexpr std::array kListTagsForResource{
    Member{"resourceArn", &kArn, true},
};

constexpr std::array kPublishStateMachineVersion{
    Member{"stateMachineArn", &kArn, true},
    Member{"revisionId", &kRevisionId},
    Member{"description", &kVersionDescription},
};

constexpr std::array kRedriveExecution{
    Member{"executionArn", &kArn, true},
    Member{"clientToken", &kClientToken},
};

constexpr std::array kSendTaskFailure{
    Member{"taskToken", &kTaskToken, true},
    Member{"error", &kSensitiveError},
    Member{"cause", &kSensitiveCause},
};

constexpr std::array kSendTaskHeartbeat{
    Member{"taskToken", &kTaskToken, true},
};

constexpr std::array kSendTaskSuccess{
    Member{"taskToken", &kTaskToken, true},
    Member{"output", &kSensitiveData, true},
};

constexpr std::array kStartExecution{
    Member{"stateMachineArn", &kArn, true},
    Member{"name", &kName},
    Member{"input", &kSensitiveData},
    Member{"traceHeader", &kTraceHeader},
};

constexpr std::array kStartSyncExecution{
    Member{"stateMachineArn", &kArn, true},
    Member{"name", &kName},
    Member{"input", &kSensitiveData},
    Member{"traceHeader", &kTraceHeader},
    Member{"includedData", &kIncludedData},
};

constexpr std::array kStopExecution{
    Member{"executionArn", &kArn, true},
    Member{"error", &kSensitiveError},
    Member{"cause", &kSensitiveCause},
};

constexpr std::array kTagResource{
    Member{"resourceArn", &kArn, true},
    Member{"tags", &kTagList, true},
};

constexpr std::array kTestState{
    Member{"definition", &kDefinition, true},
    Member{"roleArn", &kArn},
    Member{"input", &kSensitiveData},
    Member{"inspectionLevel", &kInspectionLevel},
    Member{"revealSecrets", &kRevealSecrets},
    Member{"variables", &kSensitiveData},
    Member{"stateName", &kTestStateStateName},
    Member{"mock", &kMockInput},
    Member{"context", &kSensitiveData},
    Member{"stateConfiguration", &kTestStateConfiguration},
};

constexpr std::array kUntagResource{
    Member{"resourceArn", &kArn, true},
    Member{"tagKeys", &kTagKeyList, true},
};

constexpr std::array kUpdateMapRun{
    Member{"mapRunArn", &kLongArn, true},
    Member{"maxConcurrency", &kMaxConcurrency},
    Member{"toleratedFailurePercentage", &kToleratedFailurePercentage},
    Member{"toleratedFailureCount", &kToleratedFailureCount},
};

constexpr std::array kUpdateStateMachine{
    Member{"stateMachineArn", &kArn, true},
    Member{"definition", &kDefinition},
    Member{"roleArn", &kArn},
    Member{"loggingConfiguration", &kLoggingConfiguration},
    Member{"tracingConfiguration", &kTracingConfiguration},
    Member{"publish", &kPublish},
    Member{"versionDescription", &kVersionDescription},
    Member{"encryptionConfiguration", &kEncryptionConfiguration},
};

constexpr std::array kUpdateStateMachineAlias{
    Member{"stateMachineAliasArn", &kArn, true},
    Member{"description", &kAliasDescription},
    Member{"routingConfiguration", &kRoutingConfigurationList},
};

constexpr std::array kValidateStateMachineDefinition{
    Member{"definition", &kDefinition, true},
    Member{"type", &kStateMachineType},
    Member{"severity", &kValidateStateMachineDefinitionSeverity},
    Member{"maxResults", &kValidateStateMachineDefinitionMaxResult},
};

struct Row {
    std::string_view name;
    Shape input;
};

constexpr std::array kInputs{
    Row{"CreateActivity", structure("CreateActivityInput", kCreateActivity)},
    Row{"CreateStateMachine", structure("CreateStateMachineInput", kCreateStateMachine)},
    Row{"CreateStateMachineAlias",
        structure("CreateStateMachineAliasInput", kCreateStateMachineAlias)},
    Row{"DeleteActivity", structure("DeleteActivityInput", kDeleteActivity)},
    Row{"DeleteStateMachine", structure("DeleteStateMachineInput", kDeleteStateMachine)},
    Row{"DeleteStateMachineAlias",
        structure("DeleteStateMachineAliasInput", kDeleteStateMachineAlias)},
    Row{"DeleteStateMachineVersion",
        structure("DeleteStateMachineVersionInput", kDeleteStateMachineVersion)},
    Row{"DescribeActivity", structure("DescribeActivityInput", kDescribeActivity)},
    Row{"DescribeExecution", structure("DescribeExecutionInput", kDescribeExecution)},
    Row{"DescribeMapRun", structure("DescribeMapRunInput", kDescribeMapRun)},
    Row{"DescribeStateMachine", structure("DescribeStateMachineInput", kDescribeStateMachine)},
    Row{"DescribeStateMachineAlias",
        structure("DescribeStateMachineAliasInput", kDescribeStateMachineAlias)},
    Row{"DescribeStateMachineForExecution",
        structure("DescribeStateMachineForExecutionInput", kDescribeStateMachineForExecution)},
    Row{"GetActivityTask", structure("GetActivityTaskInput", kGetActivityTask)},
    Row{"GetExecutionHistory", structure("GetExecutionHistoryInput", kGetExecutionHistory)},
    Row{"ListActivities", structure("ListActivitiesInput", kListActivities)},
    Row{"ListExecutions", structure("ListExecutionsInput", kListExecutions)},
    Row{"ListMapRuns", structure("ListMapRunsInput", kListMapRuns)},
    Row{"ListStateMachineAliases",
        structure("ListStateMachineAliasesInput", kListStateMachineAliases)},
    Row{"ListStateMachineVersions",
        structure("ListStateMachineVersionsInput", kListStateMachineVersions)},
    Row{"ListStateMachines", structure("ListStateMachinesInput", kListStateMachines)},
    Row{"ListTagsForResource", structure("ListTagsForResourceInput", kListTagsForResource)},
    Row{"PublishStateMachineVersion",
        structure("PublishStateMachineVersionInput", kPublishStateMachineVersion)},
    Row{"RedriveExecution", structure("RedriveExecutionInput", kRedriveExecution)},
    Row{"SendTaskFailure", structure("SendTaskFailureInput", kSendTaskFailure)},
    Row{"SendTaskHeartbeat", structure("SendTaskHeartbeatInput", kSendTaskHeartbeat)},
    Row{"SendTaskSuccess", structure("SendTaskSuccessInput", kSendTaskSuccess)},
    Row{"StartExecution", structure("StartExecutionInput", kStartExecution)},
    Row{"StartSyncExecution", structure("StartSyncExecutionInput", kStartSyncExecution)},
    Row{"StopExecution", structure("StopExecutionInput", kStopExecution)},
    Row{"TagResource", structure("TagResourceInput", kTagResource)},
    Row{"TestState", structure("TestStateInput", kTestState)},
    Row{"UntagResource", structure("UntagResourceInput", kUntagResource)},
    Row{"UpdateMapRun", structure("UpdateMapRunInput", kUpdateMapRun)},
    Row{"UpdateStateMachine", structure("UpdateStateMachineInput", kUpdateStateMachine)},
    Row{"UpdateStateMachineAlias",
        structure("UpdateStateMachineAliasInput", kUpdateStateMachineAlias)},
    Row{"ValidateStateMachineDefinition",
        structure("ValidateStateMachineDefinitionInput", kValidateStateMachineDefinition)},
};

constexpr auto kNames = [] {
    std::array<std::string_view, kInputs.size()> names;
    std::transform(kInputs.begin(), kInputs.end(), names.begin(), [](const Row& row) {
        return row.name;
    });
    return names;
}();

static_assert(std::is_sorted(kNames.begin(), kNames.end()));

}  // namespace

const Shape* input_of(std::string_view operation) noexcept {
    const auto* const at = std::lower_bound(kNames.begin(), kNames.end(), operation);
    if (at == kNames.end() || *at != operation) {
        return nullptr;
    }
    return &kInputs[static_cast<std::size_t>(at - kNames.begin())].input;
}

std::span<const std::string_view> operation_names() noexcept {
    return kNames;
}

}  // namespace kiln::api::states
