#include "tasks/api_shapes.hpp"
#include "tasks/services.hpp"

namespace kiln::tasks {

namespace {

std::string text_member(const json::object& parameters, std::string_view name) {
    const auto* value = parameters.if_contains(name);
    if (value == nullptr || value->is_null()) {
        return "";
    }
    return value->is_string() ? std::string{value->get_string()} : text_of(*value);
}

Invocation invocation_of(const flow::TaskCall& call) {
    Invocation out;
    if (call.resource.kind == asl::ResourceKind::lambda) {
        out.function = function_name(call.resource.arn);
        out.payload = call.parameters ? *call.parameters : json::value{};
        return out;
    }
    const auto& parameters = parameters_of(call);
    out.function = function_name(text_member(parameters, "FunctionName"));
    if (const auto qualifier = text_member(parameters, "Qualifier"); !qualifier.empty()) {
        out.function.qualifier = qualifier;
    }
    if (const auto* payload = parameters.if_contains("Payload")) {
        out.payload = *payload;
    }
    out.type = text_member(parameters, "InvocationType");
    out.client_context = text_member(parameters, "ClientContext");
    out.log_type = text_member(parameters, "LogType");
    return out;
}

std::string shown_function(const flow::TaskCall& call) {
    return call.resource.kind == asl::ResourceKind::lambda
               ? call.resource.arn
               : text_member(parameters_of(call), "FunctionName");
}

class LambdaService final : public Service {
  public:
    explicit LambdaService(const ServiceWorld& world)
        : pool_{world.pool}, transport_{world.transport}, functions_{world.functions} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.kind == asl::ResourceKind::lambda ||
               (resource.action == "invoke" && resource.pattern != asl::Pattern::sync &&
                resource.pattern != asl::Pattern::sync2);
    }

    void run(JobPtr job) override {
        const auto invocation = invocation_of(job->call());
        auto request = invocation_request(functions_, invocation);
        if (!request) {
            return job->failed(no_such_function(
                invocation.function, shown_function(job->call()), task_uuid(job->call())
            ));
        }
        pool_.run(std::move(job), [this, request = std::move(*request)](const JobPtr& mine) {
            invoke(mine, request);
        });
    }

  private:
    void invoke(const JobPtr& job, const net::ClientRequest& request) {
        net::ClientResponse response;
        try {
            response = transport_(request, job->stop());
        } catch (const Error& error) {
            return job->failed({"Lambda.SdkClientException", error.message()});
        }
        if (auto failure = invocation_failure(response)) {
            return job->failed(std::move(*failure));
        }
        if (job->call().resource.kind == asl::ResourceKind::lambda) {
            return job->succeeded(function_result(response));
        }
        job->answered(invocation_output(response));
    }

    CallPool& pool_;
    aws::Transport transport_;
    LambdaFunctions functions_;
};

}  // namespace

std::unique_ptr<Service> lambda_service(const ServiceWorld& world) {
    return std::make_unique<LambdaService>(world);
}

}  // namespace kiln::tasks
