#include "bake/result.hpp"

#include <fmt/format.h>

namespace kiln::bake {

json::object accepted_json(const Request& request, const Resolved& resolved, std::int64_t attempt) {
    return {
        {"attempt", attempt},
        {"request", to_shown_json(request)},
        {"parent", {{"id", resolved.parent.id.str()}, {"name", resolved.parent.name}}},
        {"key", resolved.key},
        {"bootstrap_sha256", resolved.content},
        {"checkpoints", json::value_from(resolved.checkpoint_keys)},
    };
}

std::vector<std::string> checkpoint_keys_of(const json::value& accepted) {
    std::vector<std::string> keys;
    const auto* object = accepted.if_object();
    const auto* list = object != nullptr ? object->if_contains("checkpoints") : nullptr;
    if (list != nullptr && list->is_array()) {
        for (const auto& key : list->get_array()) {
            keys.emplace_back(key.as_string());
        }
    }
    return keys;
}

namespace {

json::array time_line_json(const BakeRun& run) {
    json::array steps;
    for (const auto& [name, took] : run.time_line) {
        steps.push_back({{"step", name}, {"seconds", seconds_of(took)}});
    }
    return steps;
}

json::array commands_json(const BakeRun& run) {
    json::array commands;
    for (const auto& command : run.commands) {
        commands.push_back(
            {{"run", command.run},
             {"seconds", seconds_of(command.took)},
             {"reused", command.reused},
             {"checkpoint", command.checkpointed}}
        );
    }
    return commands;
}

}  // namespace

json::object result_json(const BakeRun& run, const std::optional<StepFailure>& failure) {
    Duration total{0};
    for (const auto& step : run.time_line) {
        total += step.took;
    }
    json::object result{
        {"bake", run.id.str()},
        {"state", failure ? "failed" : "succeeded"},
        {"name", run.request.name},
        {"parent", run.resolved.parent.id.str()},
        {"key", run.resolved.key},
        {"bootstrap_content", run.resolved.content},
        {"seconds", seconds_of(total)},
        {"steps", time_line_json(run)},
        {"commands", commands_json(run)},
    };
    if (run.submission != nullptr) {
        result["attempt"] = run.submission->attempt;
    }
    if (!run.volume_from.empty()) {
        result["volume_from"] = run.volume_from;
    }
    if (failure) {
        result["error"] = error_json(run, *failure);
        if (failure->error.kind() == ErrorKind::cancelled) {
            result["state"] = "cancelled";
        }
    } else {
        result["image"] = run.image->id.str();
        result["snapshot"] = run.snapshot->id.str();
    }
    return result;
}

json::object error_json(const BakeRun& run, const StepFailure& failure) {
    json::object error{
        {"step", failure.step},
        {"kind", to_string(failure.error.kind())},
        {"reason", failure.error.message()},
        {"last_lines", json::value_from(run.recorder.last_lines())},
        {"look_closer",
         json::array{
             "kiln bake logs " + run.id.str(),
             "kiln bake shell " + run.id.str(),
             "kiln bake retry " + run.id.str()}},
    };
    if (!failure.error.hint().empty()) {
        error["hint"] = failure.error.hint();
    }
    if (failure.command) {
        error["command"] = *failure.command;
    }
    if (failure.exit_status) {
        error["exit_status"] = *failure.exit_status;
    }
    if (run.request.keep_on_failure && run.volume) {
        error["volume"] = run.volume->id.str();
    }
    return error;
}

}  // namespace kiln::bake
