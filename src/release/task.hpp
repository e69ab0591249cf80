#pragma once

#include "base/json.hpp"
#include "release/plan.hpp"
#include "release/words.hpp"
#include "template/template.hpp"

#include <string>

namespace kiln::release {

/// Which instance of which step a task is.
struct Instance {
    std::string step;
    std::string version;  ///< "" of a step per run
    std::string distro;   ///< "" of one per version

    auto operator<=>(const Instance&) const = default;
};

/// What a task is made from: parts of the plan, and the order.
struct TaskFacts {
    std::string plan;  ///< its name
    const Versions& versions;
    const Templates& environment;  ///< of every task
    const Step& step;
    Instance instance;
    std::string distro_image;
    const Order& order;
};

/// What templates may name: Plan, Step, Version, Versions, Distro, DistroImage, IsNightly, IsTest,
/// the parts of the version's pattern, and the variables before them. What a task does not have is
/// "".
[[nodiscard]] std::vector<std::string> template_names(const Versions& versions);

/// The variables of a task's script, in order: VERSION, DISTRO, DISTRO_IMAGE, IS_NIGHTLY (or
/// VERSIONS of a step per run), the versions' variables, the plan's, the step's, those of tests.
/// @throws Error  invalid: a template
[[nodiscard]] Templates task_environment(const TaskFacts& facts);

/// The values for a step's own templates (should_run).
[[nodiscard]] templates::Values task_values(const TaskFacts& facts);

/// {"name", "env": {NAME: value}}, and in a test build "error": what the worker is to call a
/// failure.
[[nodiscard]] json::object task_input(const TaskFacts& facts);

[[nodiscard]] bool is_nightly(const Versions& versions, const std::string& version);

}  // namespace kiln::release
