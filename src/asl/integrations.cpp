#include "asl/integrations.hpp"

#include <algorithm>
#include <array>

namespace kiln::asl {

namespace {

/// Ways to wait that an action has besides request_response.
enum Ways : unsigned { kNone = 0, kSync = 1, kToken = 2, kSync2 = 4 };

struct Action {
    std::string_view service;
    std::string_view name;
    unsigned ways = kNone;
};

constexpr auto kActions = std::to_array<Action>({
    {"apigateway", "invoke", kToken},
    {"athena", "startQueryExecution", kSync},
    {"athena", "stopQueryExecution"},
    {"athena", "getQueryExecution"},
    {"athena", "getQueryResults"},
    {"batch", "submitJob", kSync},
    {"bedrock", "invokeModel"},
    {"bedrock", "createModelCustomizationJob", kSync},
    {"codebuild", "startBuild", kSync},
    {"codebuild", "stopBuild"},
    {"codebuild", "batchDeleteBuilds"},
    {"codebuild", "batchGetReports"},
    {"codebuild", "startBuildBatch", kSync},
    {"codebuild", "stopBuildBatch"},
    {"codebuild", "retryBuildBatch", kSync},
    {"codebuild", "deleteBuildBatch"},
    {"databrew", "startJobRun", kSync},
    {"dynamodb", "getItem"},
    {"dynamodb", "putItem"},
    {"dynamodb", "deleteItem"},
    {"dynamodb", "updateItem"},
    {"ecs", "runTask", kSync | kToken},
    {"eks", "createCluster", kSync},
    {"eks", "deleteCluster", kSync},
    {"eks", "createFargateProfile", kSync},
    {"eks", "deleteFargateProfile", kSync},
    {"eks", "createNodegroup", kSync},
    {"eks", "deleteNodegroup", kSync},
    {"eks", "runJob", kSync},
    {"eks", "call"},
    {"elasticmapreduce", "createCluster", kSync},
    {"elasticmapreduce", "setClusterTerminationProtection"},
    {"elasticmapreduce", "terminateCluster", kSync},
    {"elasticmapreduce", "addStep", kSync},
    {"elasticmapreduce", "cancelStep"},
    {"elasticmapreduce", "modifyInstanceFleetByName"},
    {"elasticmapreduce", "modifyInstanceGroupByName"},
    {"emr-containers", "createVirtualCluster"},
    {"emr-containers", "deleteVirtualCluster", kSync},
    {"emr-containers", "startJobRun", kSync},
    {"emr-serverless", "createApplication", kSync},
    {"emr-serverless", "startApplication", kSync},
    {"emr-serverless", "stopApplication", kSync},
    {"emr-serverless", "deleteApplication", kSync},
    {"emr-serverless", "startJobRun", kSync},
    {"emr-serverless", "cancelJobRun", kSync},
    {"events", "putEvents", kToken},
    {"glue", "startJobRun", kSync},
    {"http", "invoke"},
    {"lambda", "invoke", kToken},
    {"mediaconvert", "createJob", kSync},
    {"sagemaker", "createEndpoint"},
    {"sagemaker", "createEndpointConfig"},
    {"sagemaker", "createHyperParameterTuningJob", kSync},
    {"sagemaker", "createLabelingJob", kSync},
    {"sagemaker", "createModel"},
    {"sagemaker", "createProcessingJob", kSync},
    {"sagemaker", "createTrainingJob", kSync},
    {"sagemaker", "createTransformJob", kSync},
    {"sagemaker", "updateEndpoint"},
    {"sns", "publish", kToken},
    {"sqs", "sendMessage", kToken},
    {"states", "startExecution", kSync | kSync2 | kToken},
});

constexpr std::string_view kSdk = "aws-sdk:";

unsigned way_of(Pattern pattern) noexcept {
    switch (pattern) {
        case Pattern::request_response:
            return kNone;
        case Pattern::sync:
            return kSync;
        case Pattern::sync2:
            return kSync2;
        case Pattern::wait_for_task_token:
            return kToken;
    }
    return kNone;
}

bool is_s3(const Resource& resource, std::string_view action) noexcept {
    return resource.kind == ResourceKind::integration && resource.service == "s3" &&
           resource.action == action && resource.pattern == Pattern::request_response;
}

}  // namespace

bool looks_like_arn(std::string_view text) noexcept {
    return text.substr(0, 4) == "arn:" && std::count(text.begin(), text.end(), ':') >= 5;
}

bool is_known_resource(const Resource& resource) noexcept {
    if (resource.kind != ResourceKind::integration) {
        return true;
    }
    const auto way = way_of(resource.pattern);
    if (resource.service == "kiln") {
        return way == kNone || way == kSync;
    }
    if (std::string_view{resource.service}.substr(0, kSdk.size()) == kSdk) {
        const auto first = resource.action.front();
        return first >= 'a' && first <= 'z' && (way == kNone || way == kToken);
    }
    return std::any_of(kActions.begin(), kActions.end(), [&](const auto& each) {
        return each.service == resource.service && each.name == resource.action &&
               (way == kNone || (each.ways & way) != 0U);
    });
}

bool is_reader_resource(const Resource& resource) noexcept {
    return is_s3(resource, "getObject") || is_s3(resource, "listObjectsV2");
}

bool is_writer_resource(const Resource& resource) noexcept {
    return is_s3(resource, "putObject");
}

}  // namespace kiln::asl
