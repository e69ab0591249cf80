#include "release/states.hpp"

#include <fmt/format.h>

namespace kiln::release {

namespace {

// As the predecessor had them: 5, 10, 20, 40 and 80 seconds.
constexpr std::int64_t kFunctionWait = 5;
constexpr std::int64_t kFunctionTries = 5;
constexpr double kFunctionFactor = 2;
/// From when somebody has begun it; a server that died with it is noticed after so long.
constexpr std::int64_t kFunctionSeconds = 120;

json::object never(std::initializer_list<std::string_view> errors) {
    json::array names;
    for (const auto error : errors) {
        names.emplace_back(error);
    }
    return {{"ErrorEquals", std::move(names)}, {"MaxAttempts", 0}};
}

json::object always(std::int64_t wait, std::int64_t attempts, double factor) {
    return {
        {"ErrorEquals", {"States.ALL"}},
        {"IntervalSeconds", wait},
        {"MaxAttempts", attempts},
        {"BackoffRate", factor}};
}

}  // namespace

void Next::put(json::object& to) const {
    if (state.empty()) {
        to["End"] = true;
    } else {
        to["Next"] = state;
    }
}

json::object function_state(
    const Resources& resources,
    std::string_view function,
    json::object parameters,
    std::string_view result_path,
    const Next& next
) {
    json::object all{{"function", function}};
    for (auto& member : parameters) {
        all[member.key()] = std::move(member.value());
    }
    json::object state{
        {"Type", "Task"},
        {"Resource", resources.functions},
        {"Parameters", std::move(all)},
        {"ResultPath", result_path},
        {"TimeoutSeconds", kFunctionSeconds},
        {"Retry",
         {never({errors::kInvalid, errors::kStepsFailed}),
          always(kFunctionWait, kFunctionTries, kFunctionFactor)}}};
    next.put(state);
    return state;
}

json::array catch_all(std::string_view path, std::string_view next) {
    // States.ALL does not stand for data that became too much.
    json::array out;
    for (const auto* error : {"States.DataLimitExceeded", "States.ALL"}) {
        out.push_back({{"ErrorEquals", {error}}, {"ResultPath", path}, {"Next", next}});
    }
    return out;
}

json::object choice_state(
    std::string_view variable, bool value, std::string_view next, std::string_view otherwise
) {
    return {
        {"Type", "Choice"},
        {"Choices", {{{"Variable", variable}, {"BooleanEquals", value}, {"Next", next}}}},
        {"Default", otherwise}};
}

json::object activity_state(const Step& step, const std::string& activity, const Next& next) {
    json::array retry;
    retry.push_back(never({errors::kTestBuild, errors::kNoWorkers}));
    if (step.retry.attempts > 0) {
        retry.push_back(always(step.retry.wait.count(), step.retry.attempts, step.retry.factor));
    }
    json::object state{
        {"Type", "Task"},
        {"Resource", activity},
        {"InputPath", fmt::format("$.results.{}.taskInput", step.name)},
        {"ResultPath", fmt::format("$.results.{}.success", step.name)},
        {"TimeoutSeconds", step.timeout.count()},
        {"HeartbeatSeconds", step.heartbeat.count()},
        {"Retry", std::move(retry)}};
    next.put(state);
    return state;
}

json::object end_state(std::initializer_list<std::string_view> members) {
    json::object parameters;
    for (const auto member : members) {
        parameters[fmt::format("{}.$", member)] = fmt::format("$.{}", member);
    }
    return {{"Type", "Pass"}, {"Parameters", std::move(parameters)}, {"End", true}};
}

}  // namespace kiln::release
