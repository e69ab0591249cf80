#include "release/task.hpp"

#include "base/error.hpp"
#include "release/definition.hpp"
#include "release/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::release {

namespace {

std::string truth(bool value) {
    return value ? "true" : "false";
}

/// What templates know besides variables.
templates::Values built_in(const TaskFacts& facts) {
    const auto& version = facts.instance.version;
    templates::Values values{
        {"Plan", facts.plan},
        {"Step", facts.step.name},
        {"Version", version},
        {"Versions", fmt::format("{}", fmt::join(facts.order.versions, " "))},
        {"Distro", facts.instance.distro},
        {"DistroImage", facts.distro_image},
        {"IsNightly", truth(is_nightly(facts.versions, version))},
        {"IsTest", truth(facts.order.mode == Mode::test)}};
    for (const auto& name : template_names(facts.versions)) {
        values.try_emplace(name, "");
    }
    const auto& versions = facts.versions;
    auto parts = is_nightly(versions, version) ? versions.nightly->match(version)
                                               : versions.release.match(version);
    for (auto& [name, digits] : parts.value_or(std::map<std::string, std::string>{})) {
        values[name] = std::move(digits);
    }
    return values;
}

/// Variables one after another: each is a value for those behind it.
class Variables {
  public:
    explicit Variables(templates::Values first) : values{std::move(first)} {}

    void set(const std::string& name, std::string text) {
        const auto found =
            std::ranges::find(environment, name, &std::pair<std::string, std::string>::first);
        if (found == environment.end()) {
            environment.emplace_back(name, text);
        } else {
            found->second = text;
        }
        values[name] = std::move(text);
    }

    void render(const Templates& templates) {
        for (const auto& [name, text] : templates) {
            try {
                set(name, templates::Template::parse(text).render(values));
            } catch (const Error& error) {
                throw error.while_(name);
            }
        }
    }

    templates::Values values;
    Templates environment;
};

Variables variables_of(const TaskFacts& facts) {
    Variables variables{built_in(facts)};
    const auto& instance = facts.instance;
    if (instance.version.empty()) {
        variables.set("VERSIONS", fmt::format("{}", fmt::join(facts.order.versions, " ")));
    } else {
        variables.set("VERSION", instance.version);
        if (!instance.distro.empty()) {
            variables.set("DISTRO", instance.distro);
            variables.set("DISTRO_IMAGE", facts.distro_image);
        }
        const bool nightly = is_nightly(facts.versions, instance.version);
        variables.set("IS_NIGHTLY", truth(nightly));
        variables.render(
            nightly ? facts.versions.nightly_variables : facts.versions.release_variables
        );
        variables.render(facts.versions.variables);
    }
    variables.render(facts.environment);
    return variables;
}

}  // namespace

bool is_nightly(const Versions& versions, const std::string& version) {
    return versions.nightly && versions.nightly->match(version);
}

std::vector<std::string> template_names(const Versions& versions) {
    std::vector<std::string> names{
        "Plan",
        "Step",
        "Version",
        "Versions",
        "Distro",
        "DistroImage",
        "IsNightly",
        "IsTest",
        "VERSION",
        "VERSIONS",
        "DISTRO",
        "DISTRO_IMAGE",
        "IS_NIGHTLY"};
    const auto add = [&](const VersionPattern& pattern) {
        for (auto& name : pattern.names()) {
            if (std::ranges::find(names, name) == names.end()) {
                names.push_back(std::move(name));
            }
        }
    };
    add(versions.release);
    if (versions.nightly) {
        add(*versions.nightly);
    }
    return names;
}

Templates task_environment(const TaskFacts& facts) {
    auto variables = variables_of(facts);
    variables.render(facts.step.environment);
    if (facts.order.mode == Mode::test) {
        variables.render(facts.step.test_environment);
    }
    return std::move(variables.environment);
}

templates::Values task_values(const TaskFacts& facts) {
    auto variables = variables_of(facts);
    variables.render(facts.step.environment);
    return std::move(variables.values);
}

json::object task_input(const TaskFacts& facts) {
    constexpr std::int64_t kBeatsInTime = 3;
    json::object environment;
    for (auto& [name, value] : task_environment(facts)) {
        environment[name] = std::move(value);
    }
    const auto& instance = facts.instance;
    json::object input{
        {"name", task_name(instance.step, instance.version, instance.distro)},
        {"env", std::move(environment)},
        {"heartbeat", std::max<std::int64_t>(facts.step.heartbeat.count() / kBeatsInTime, 1)}};
    if (facts.order.mode == Mode::test) {
        input["error"] = errors::kTestBuild;
    }
    return input;
}

}  // namespace kiln::release
