#include "release/definition.hpp"

#include "release/graph.hpp"
#include "release/names.hpp"
#include "release/states.hpp"
#include "release/words.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::int64_t kHealthSeconds = 300;
/// A server that holds it beats three times as often; one that died delays the end by so long.
constexpr std::int64_t kTickBeat = 20;

/// Members of the data that each scope has.
json::object scope_members(Per scope) {
    json::object members{{"release.$", "$.release"}, {"done.$", "$.done"}};
    if (scope != Per::run) {
        members["version.$"] = "$.version";
    }
    if (scope == Per::distro) {
        members["distro.$"] = "$.distro";
    }
    return members;
}

/// What a group within a group begins with: what is known so far, and no results of its own.
json::object inner_members(Per scope) {
    auto members = scope_members(scope);
    members["before.$"] = "States.Array($.before, $.results)";
    members["results"] = json::object{};
    return members;
}

class Generator {
  public:
    Generator(const Plan& plan, const Resources& resources) : plan_{plan}, resources_{resources} {
        if (resources_.functions.empty()) {
            resources_.functions = resources_.activities + functions_activity(plan_.name);
        }
    }

    json::object machine() {
        const auto flow = arrange(plan_);
        json::object states;
        states[states::kParseInput] = function_state(
            resources_,
            "parse",
            {{"vocabulary", to_json(vocabulary_of(plan_))},
             {"input.$", "$"},
             {"started.$", "$$.Execution.StartTime"}},
            "$",
            {states::kRoot}
        );
        states[states::kRoot] = {
            {"Type", "Parallel"},
            {"Branches", {main_branch(flow), health_branch()}},
            {"OutputPath", "$[0]"},
            {"Next", states::kCheck}};
        auto check = function_state(
            resources_,
            "check",
            {{"data.$", "$"}, {"execution.$", "$$.Execution"}},
            "$",
            {"ShouldRunAgain"}
        );
        states[states::kCheck] = std::move(check);
        // A failed execution that is redriven goes on at CheckForFailures, and from there here.
        states["ShouldRunAgain"] = choice_state("$.again", true, states::kRoot, "ReleaseEnd");
        states["ReleaseEnd"] = {{"Type", "Pass"}, {"OutputPath", "$.output"}, {"End", true}};
        return {
            {"Comment",
             fmt::format("Releases of {}, made from its plan by kiln release deploy", plan_.name)},
            {"StartAt", states::kParseInput},
            {"States", std::move(states)}};
    }

  private:
    json::object main_branch(const Flow& flow) {
        json::object states;
        emit(flow, Per::run, states::kNormalize, states);
        states[states::kNormalize] = function_state(
            resources_,
            "normalize",
            {{"release.$", "$.release"}, {"results.$", "$.results"}},
            "$",
            {"StopHealthCheck"}
        );
        auto stop = function_state(
            resources_,
            "finish",
            {{"execution.$", "$$.Execution.Id"}, {"round.$", "$.release.round"}},
            "$.finished",
            {states::kMainEnd}
        );
        stop["Catch"] = catch_all("$.finished", states::kMainEnd);
        states["StopHealthCheck"] = std::move(stop);
        states[states::kMainEnd] = end_state({"release", "output"});
        return {{"StartAt", entry_of(flow)}, {"States", std::move(states)}};
    }

    json::object health_branch() {
        json::object states;
        if (resources_.tick) {
            states["HealthCheckWait"] = {
                {"Type", "Task"},
                {"Resource", resources_.activities + tick_activity(plan_.name)},
                {"Parameters",
                 {{"execution.$", "$$.Execution.Id"}, {"round.$", "$.release.round"}}},
                {"ResultPath", "$.health"},
                {"TimeoutSeconds", kHealthSeconds},
                {"HeartbeatSeconds", kTickBeat},
                {"Catch", catch_all("$.health", "HealthCheck")},
                {"Next", "HealthCheckEnd"}};
        } else {
            states["HealthCheckWait"] = {
                {"Type", "Wait"}, {"Seconds", kHealthSeconds}, {"Next", "HealthCheck"}};
        }
        auto check = function_state(
            resources_,
            "health",
            {{"steps", worker_steps()},
             {"release.$", "$.release"},
             {"execution.$", "$$.Execution.Id"}},
            "$.health",
            {"ShouldHealthCheck"}
        );
        // A pass that failed is no reason to make none any more.
        check["Catch"] = catch_all("$.health", "HealthCheckWait");
        states["HealthCheck"] = std::move(check);
        states["ShouldHealthCheck"] =
            choice_state("$.health.go_on", true, "HealthCheckWait", "HealthCheckEnd");
        states["HealthCheckEnd"] = {{"Type", "Pass"}, {"Result", json::object{}}, {"End", true}};
        return {{"StartAt", "HealthCheckWait"}, {"States", std::move(states)}};
    }

    [[nodiscard]] json::array worker_steps() const {
        json::array steps;
        for (const auto& step : plan_.steps) {
            if (!step.worker.empty()) {
                steps.push_back(worker_part(step));
            }
        }
        return steps;
    }

    [[nodiscard]] std::string activity_of(const Step& step) const {
        return resources_.activities + activity_name(plan_.name, step.name);
    }

    [[nodiscard]] json::object worker_part(const Step& step) const {
        json::object part{{"activity", activity_of(step)}};
        const auto all = to_json(step);
        for (const auto* key :
             {"name", "script", "script_sha256", "init", "init_sha256", "worker"}) {
            if (const auto* value = all.if_contains(key)) {
                part[key] = *value;
            }
        }
        return part;
    }

    /// The states of `flow`, in a group of that scope, leading to `next`.
    void emit(const Flow& flow, Per scope, const std::string& next, json::object& states) {
        switch (flow.kind) {
            case Flow::Kind::step:
                emit_step(*plan_.find(flow.name), scope, next, states);
                return;
            case Flow::Kind::series:
                emit_series(flow.parts, scope, next, states);
                return;
            case Flow::Kind::parallel:
                emit_parallel(flow, scope, next, states);
                return;
            case Flow::Kind::versions:
                emit_versions(flow, next, states);
                return;
            case Flow::Kind::distros:
                emit_distros(flow, next, states);
                return;
        }
    }

    void emit_series(
        const std::vector<Flow>& parts, Per scope, const std::string& next, json::object& states
    ) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            emit(parts[i], scope, i + 1 < parts.size() ? entry_of(parts[i + 1]) : next, states);
        }
    }

    /// PrepareToX -> ShouldX -> X.
    void emit_step(const Step& step, Per scope, const std::string& next, json::object& states) {
        const auto failure = fmt::format("$.results.{}.failure", step.name);
        auto parameters = scope_members(scope);
        parameters["step"] = to_json(step);
        parameters["activity"] = activity_of(step);
        parameters["plan"] = plan_part(scope);
        parameters["before.$"] = "States.Array($.before, $.results)";
        auto prepare = function_state(
            resources_,
            "prepare",
            std::move(parameters),
            fmt::format("$.results.{}", step.name),
            {"Should" + step.name}
        );
        prepare["Catch"] = catch_all(failure, next);
        states["PrepareTo" + step.name] = std::move(prepare);
        states["Should" + step.name] =
            choice_state(fmt::format("$.results.{}.skip", step.name), true, next, step.name);
        auto task = activity_state(step, activity_of(step), {next});
        task["Catch"] = catch_all(failure, next);
        states[step.name] = std::move(task);
    }

    /// What every task is made from.
    [[nodiscard]] json::object plan_part(Per scope) const {
        json::array names;
        for (const auto& step : plan_.steps) {
            names.emplace_back(step.name);
        }
        json::object part{
            {"name", plan_.name},
            {"versions", to_json(plan_.versions)},
            {"steps", std::move(names)}};
        if (!plan_.environment.empty()) {
            json::object environment;
            for (const auto& [name, text] : plan_.environment) {
                environment[name] = text;
            }
            part["environment"] = std::move(environment);
        }
        if (scope == Per::distro) {
            json::object images;
            for (const auto& distro : plan_.distros.known) {
                images[distro.name] = distro.image;
            }
            part["images"] = std::move(images);
        }
        return part;
    }

    void emit_parallel(const Flow& flow, Per scope, const std::string& next, json::object& states) {
        json::array branches;
        for (const auto& part : flow.parts) {
            const auto end = fresh_end(title_of(part));
            json::object inside;
            emit(part, scope, end, inside);
            inside[end] = end_state({"results"});
            branches.push_back({{"StartAt", entry_of(part)}, {"States", std::move(inside)}});
        }
        states[flow.name] = {
            {"Type", "Parallel"},
            {"Parameters", inner_members(scope)},
            {"Branches", std::move(branches)},
            {"ResultPath", "$.results." + flow.name},
            {"Catch", catch_all("$.results." + flow.name + ".failure", next)},
            {"Next", next}};
    }

    void emit_versions(const Flow& flow, const std::string& next, json::object& states) {
        json::object inside;
        const auto normalize = fresh_end("VersionNormalizeResults", "");
        const auto end = fresh_end("Version");
        emit_series(flow.parts, Per::version, normalize, inside);
        auto normal = function_state(
            resources_,
            "normalize",
            {{"version.$", "$.version"}, {"release.$", "$.release"}, {"results.$", "$.results"}},
            "$.results",
            {end}
        );
        normal["Catch"] = catch_all("$.results.VersionNormalizeResults.failure", end);
        inside[normalize] = std::move(normal);
        inside[end] = end_state({"version", "results"});
        auto selector = inner_members(Per::run);
        selector["version.$"] = "$$.Map.Item.Value.version";
        selector["done.$"] = "$$.Map.Item.Value.done";
        states[flow.name] =
            map_state(flow, "$.items", std::move(selector), std::move(inside), next);
    }

    void emit_distros(const Flow& flow, const std::string& next, json::object& states) {
        const auto get = distros_state(flow);
        auto parameters = scope_members(Per::version);
        parameters["plan"] = plan_part(Per::version);
        parameters["distros"] = to_json(plan_.distros);
        auto task = function_state(
            resources_, "distros", std::move(parameters), "$.results." + get, {flow.name}
        );
        task["Catch"] = catch_all("$.results." + get + ".failure", next);
        states[get] = std::move(task);
        json::object inside;
        const auto end = fresh_end(plan_.distros.noun);
        emit_series(flow.parts, Per::distro, end, inside);
        inside[end] = end_state({"distro", "results"});
        auto selector = inner_members(Per::version);
        selector["distro.$"] = "$$.Map.Item.Value";
        states[flow.name] = map_state(
            flow, "$.results." + get + ".supported", std::move(selector), std::move(inside), next
        );
    }

    static json::object map_state(
        const Flow& flow,
        const std::string& items,
        json::object selector,
        json::object inside,
        const std::string& next
    ) {
        return {
            {"Type", "Map"},
            {"ItemsPath", items},
            {"ItemSelector", std::move(selector)},
            {"ItemProcessor",
             {{"ProcessorConfig", {{"Mode", "INLINE"}}},
              {"StartAt", entry_of(flow.parts.front())},
              {"States", std::move(inside)}}},
            {"ResultPath", "$.results." + flow.name},
            {"Catch", catch_all("$.results." + flow.name + ".failure", next)},
            {"Next", next}};
    }

    std::string fresh_end(const std::string& of, const char* suffix = "End") {
        auto name = of + suffix;
        for (int number = 2; !ends_.insert(name).second; ++number) {
            name = fmt::format("{}{}{}", of, suffix, number);
        }
        return name;
    }

    const Plan& plan_;
    Resources resources_;
    std::set<std::string> ends_;
};

}  // namespace

json::object generate(const Plan& plan, const Resources& resources) {
    return Generator{plan, resources}.machine();
}

std::vector<std::string> activities_of(const Plan& plan, const Resources& resources) {
    std::vector<std::string> names;
    for (const auto& step : plan.steps) {
        names.push_back(activity_name(plan.name, step.name));
    }
    if (resources.functions.empty()) {
        names.push_back(functions_activity(plan.name));
    }
    if (resources.tick) {
        names.push_back(tick_activity(plan.name));
    }
    return names;
}

}  // namespace kiln::release
