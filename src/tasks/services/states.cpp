#include "tasks/api_shapes.hpp"
#include "tasks/services.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

/// AWS' first SDK for Java, by which this integration names its errors.
flow::TaskFailure failure_of(const ApiAnswer& answer) {
    return {
        fmt::format("StepFunctions.{}Exception", answer.code),
        fmt::format(
            "{} (Service: AWSStepFunctions; Status Code: {}; Error Code: {}; Request ID: {}; "
            "Proxy: null)",
            answer.message,
            answer.status,
            answer.code,
            answer.request_id
        )};
}

json::object start_input(const flow::TaskCall& call) {
    auto known =
        known_members(parameters_of(call), {"Input", "Name", "StateMachineArn", "TraceHeader"});
    if (!known.contains("Name")) {
        known["Name"] = task_uuid(call);
    }
    return sfn_input(known);
}

/// The execution that a start with this input made; nullopt: the machine's ARN is none.
std::optional<std::string> execution_of(const json::object& input) {
    const auto* machine = input.if_contains("stateMachineArn");
    const auto* name = input.if_contains("name");
    if (machine == nullptr || !machine->is_string() || name == nullptr || !name->is_string()) {
        return std::nullopt;
    }
    std::string arn{machine->get_string()};
    constexpr std::string_view kKind = ":stateMachine:";
    const auto kind = arn.find(kKind);
    if (kind == std::string::npos) {
        return std::nullopt;
    }
    arn.replace(kind, kKind.size(), ":execution:");
    const auto version = arn.find(':', kind + std::string_view{":execution:"}.size());
    return arn.substr(0, version) + ":" + std::string{name->get_string()};
}

bool same_input(const json::object& started, const json::object& described) {
    const auto* input = started.if_contains("input");
    return described.contains("input") &&
           described.at("input") == (input == nullptr ? json::value("{}") : *input);
}

/// What a `.sync` task tells of its execution.
json::object description(const json::object& body, asl::Pattern pattern) {
    constexpr std::array kShown{
        "cause",
        "error",
        "executionArn",
        "input",
        "inputDetails",
        "name",
        "output",
        "outputDetails",
        "startDate",
        "stateMachineArn",
        "status",
        "stopDate"};
    json::object chosen;
    for (const auto* name : kShown) {
        if (const auto* value = body.if_contains(name)) {
            chosen[name] = *value;
        }
    }
    auto out = sfn_output(chosen, Times::milliseconds).as_object();
    if (pattern == asl::Pattern::sync2) {
        for (const auto* name : {"Input", "Output"}) {
            if (auto* text = out.if_contains(name); text != nullptr && text->is_string()) {
                *text = json::parse(text->get_string());
            }
        }
    }
    return out;
}

class StatesService final : public Service {
  public:
    explicit StatesService(const ServiceWorld& world)
        : api_{world.api}, executions_{world.executions}, clock_{world.clock} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.action == "startExecution";
    }

    void run(JobPtr job) override {
        auto input = start_input(job->call());
        api_.call("sfn", "StartExecution", input, [this, job, input](const ApiAnswer& answer) {
            if (answer.succeeded()) {
                return submitted(job, answer);
            }
            const auto before = execution_of(input);
            if (job->call().again && answer.code == "ExecutionAlreadyExists" && before) {
                return find_started(job, input, *before, answer);
            }
            job->failed(failure_of(answer));
        });
    }

  private:
    /// An earlier run of this task started it, and it is over.
    void find_started(
        const JobPtr& job, json::object input, const std::string& arn, ApiAnswer refused
    ) {
        api_.call(
            "sfn",
            "DescribeExecution",
            {{"executionArn", arn}},
            [this, job, input = std::move(input), refused = std::move(refused)](ApiAnswer answer) {
                if (!answer.succeeded() || !same_input(input, answer.body.as_object())) {
                    return job->failed(failure_of(refused));
                }
                const auto& body = answer.body.as_object();
                answer.body = {
                    {"executionArn", body.at("executionArn")}, {"startDate", body.at("startDate")}};
                answer.length = text_of(answer.body).size();
                submitted(job, answer);
            }
        );
    }

    void submitted(const JobPtr& job, const ApiAnswer& answer) {
        const std::string arn{answer.body.at("executionArn").as_string()};
        auto output = sfn_output(answer.body, Times::milliseconds).as_object();
        add_sdk_metadata(output, answer, clock_.now());
        job->answered(std::move(output));
        const auto pattern = job->call().resource.pattern;
        if (pattern != asl::Pattern::sync && pattern != asl::Pattern::sync2) {
            return;
        }
        job->when_cancelled([this, arn] { stop(arn); });
        executions_.when_over(arn, [this, job, arn] { finish(job, arn); });
    }

    void stop(const std::string& arn) {
        api_.call("sfn", "StopExecution", {{"executionArn", arn}}, [](const ApiAnswer&) {});
    }

    void finish(const JobPtr& job, const std::string& arn) {
        api_.call(
            "sfn",
            "DescribeExecution",
            {{"executionArn", arn}},
            [job](const ApiAnswer& answer) {
                if (!answer.succeeded()) {
                    return job->failed(failure_of(answer));
                }
                const auto& body = answer.body.as_object();
                auto output = description(body, job->call().resource.pattern);
                if (body.at("status") == "SUCCEEDED") {
                    return job->succeeded(std::move(output));
                }
                job->failed({"States.TaskFailed", text_of(output)});
            }
        );
    }

    ApiCaller& api_;
    ExecutionWatch& executions_;
    const ports::Clock& clock_;
};

}  // namespace

std::unique_ptr<Service> states_service(const ServiceWorld& world) {
    return std::make_unique<StatesService>(world);
}

}  // namespace kiln::tasks
