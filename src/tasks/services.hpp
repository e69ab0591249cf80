#pragma once

#include "aws/transport.hpp"
#include "ports/clock.hpp"
#include "tasks/api_caller.hpp"
#include "tasks/bakes.hpp"
#include "tasks/call_pool.hpp"
#include "tasks/execution_watch.hpp"
#include "tasks/http_task.hpp"
#include "tasks/lambda_functions.hpp"
#include "tasks/service.hpp"

/// The services that tasks can call, one file each below services/.
namespace kiln::tasks {

/// What services are made of. All outlives them.
struct ServiceWorld {
    ApiCaller& api;
    ExecutionWatch& executions;
    Bakes& bakes;
    CallPool& pool;
    const ports::Clock& clock;
    aws::Transport transport;  ///< of calls to functions and HTTP endpoints
    LambdaFunctions functions;
    HttpTaskSettings http;
};

/// `states:startExecution`, in all patterns.
[[nodiscard]] std::unique_ptr<Service> states_service(const ServiceWorld& world);
/// `sqs:sendMessage`, to this process' queues.
[[nodiscard]] std::unique_ptr<Service> sqs_service(const ServiceWorld& world);
/// `aws-sdk:sfn:*` and `aws-sdk:sqs:*`. @param name  "sfn", "sqs"
[[nodiscard]] std::unique_ptr<Service> sdk_service(const ServiceWorld& world, std::string name);
/// `lambda:invoke`, and functions that are named directly.
[[nodiscard]] std::unique_ptr<Service> lambda_service(const ServiceWorld& world);
/// `http:invoke`.
[[nodiscard]] std::unique_ptr<Service> http_service(const ServiceWorld& world);
/// `kiln:bake`.
[[nodiscard]] std::unique_ptr<Service> kiln_service(const ServiceWorld& world);

[[nodiscard]] ServiceTable all_services(const ServiceWorld& world);

/// The parameters as an object; a task without any has an empty one.
[[nodiscard]] const json::object& parameters_of(const flow::TaskCall& call);

/// The members that an integration knows, without those that are null.
[[nodiscard]] json::object known_members(
    const json::object& parameters, std::initializer_list<std::string_view> names
);

/// A UUID that is the same for each run of this task: what a service tells duplicates by.
[[nodiscard]] std::string task_uuid(const flow::TaskCall& call);

}  // namespace kiln::tasks
