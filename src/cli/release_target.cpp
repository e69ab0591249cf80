#include "cli/release_target.hpp"

#include "cli/read_request.hpp"
#include "release/names.hpp"

#include <fmt/format.h>

namespace kiln::cli {

namespace {

constexpr std::string_view kActivityKind = ":activity:";

/// The parts of the definition that say what words may mean.
release::Vocabulary vocabulary_in(const std::string& definition, const std::string& machine) {
    try {
        const auto parsed = parse_json(definition);
        const auto& parse = parsed.at("States").at(release::states::kParseInput);
        return release::read_vocabulary(parse.at("Parameters").at("vocabulary"));
    } catch (const std::exception&) {
        throw Error{ErrorKind::invalid, fmt::format("{} is no machine of a release", machine)}.hint(
            "kiln release deploy makes one"
        );
    }
}

/// @returns  its ARN
std::string make_activity(
    StatesApi& api,
    const std::string& plan,
    const std::string& name,
    std::string_view part,
    const std::stop_token& stop
) {
    const json::object input{
        {"name", name},
        {"tags",
         {json::object{{"key", "kiln:release"}, {"value", plan}},
          json::object{{"key", "kiln:release-part"}, {"value", part}}}}};
    return text_in(api.call("CreateActivity", input, stop), "activityArn");
}

std::string part_of(const release::Plan& plan, const std::string& activity) {
    return activity == release::functions_activity(plan.name) ? "functions"
           : activity == release::tick_activity(plan.name)    ? "tick"
                                                              : "step";
}

std::optional<std::string> arn_if_there(
    StatesApi& api, const std::string& name, const std::stop_token& stop
) {
    std::optional<std::string> arn;
    for_each_item(api, "ListStateMachines", {}, "stateMachines", stop, [&](const auto& item) {
        if (text_in(item, "name") == name) {
            arn = text_in(item, "stateMachineArn");
        }
        return !arn;
    });
    return arn;
}

}  // namespace

release::Plan read_plan(const std::string& file) {
    return release::parse_plan(release::read_document(file, read_text(file)));
}

DeployedRelease find_release(StatesApi& api, const Context& context) {
    const auto& arguments = context.arguments;
    const auto named = arguments.one("machine");
    const auto name = named ? *named : read_plan(arguments.one_or("plan", kUsualPlan)).name;
    DeployedRelease out;
    try {
        out.machine = machine_arn(api, name, context.stop);
    } catch (const Error& error) {
        throw Error{error}.hint("kiln release deploy makes it");
    }
    const auto described =
        api.call("DescribeStateMachine", {{"stateMachineArn", out.machine}}, context.stop);
    out.definition = text_in(described, "definition");
    out.vocabulary = vocabulary_in(out.definition, name);
    return out;
}

Deployment deploy_release(
    StatesApi& api,
    const release::Plan& plan,
    const std::string& functions,
    const std::string& role,
    const std::stop_token& stop
) {
    release::Resources resources{.functions = functions, .tick = functions.empty()};
    Deployment out;
    for (const auto& name : release::activities_of(plan, resources)) {
        const auto arn = make_activity(api, plan.name, name, part_of(plan, name), stop);
        resources.activities = arn.substr(0, arn.find(kActivityKind) + kActivityKind.size());
        out.activities.push_back(arn);
    }
    const auto definition = json::serialize(release::generate(plan, resources));
    const auto there = arn_if_there(api, plan.name, stop);
    if (!there) {
        const json::object input{
            {"name", plan.name}, {"definition", definition}, {"roleArn", role}};
        out.machine = text_in(api.call("CreateStateMachine", input, stop), "stateMachineArn");
        out.what = Deployment::What::made;
        return out;
    }
    out.machine = *there;
    const auto described =
        api.call("DescribeStateMachine", {{"stateMachineArn", out.machine}}, stop);
    if (text_in(described, "definition") != definition) {
        static_cast<void>(api.call(
            "UpdateStateMachine",
            {{"stateMachineArn", out.machine}, {"definition", definition}},
            stop
        ));
        out.what = Deployment::What::changed;
    }
    return out;
}

std::string find_execution(
    StatesApi& api,
    const DeployedRelease& release,
    const std::optional<std::string>& named,
    const std::stop_token& stop
) {
    if (named && named->starts_with("arn:")) {
        return *named;
    }
    std::string arn;
    for_each_item(
        api,
        "ListExecutions",
        {{"stateMachineArn", release.machine}},
        "executions",
        stop,
        [&](const json::object& execution) {
            if (!named || text_in(execution, "name") == *named) {
                arn = text_in(execution, "executionArn");
            }
            return arn.empty();
        }
    );
    if (arn.empty()) {
        throw Error{
            ErrorKind::not_found,
            named ? fmt::format("there is no release '{}'", *named)
                  : std::string{"there is no release yet"}}
            .hint("kiln release list");
    }
    return arn;
}

}  // namespace kiln::cli
