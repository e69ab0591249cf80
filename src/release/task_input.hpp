#pragma once

#include "base/json.hpp"
#include "release/order_json.hpp"
#include "release/task.hpp"

#include <string>
#include <vector>

namespace kiln::release {

/// The parts of the plan and of the machine's data that a function task about a version or a step
/// brings.
struct TaskInput {
    /// @throws Error  invalid
    explicit TaskInput(const json::object& input);

    std::string plan;
    Versions versions;
    Templates environment;
    std::vector<std::string> steps;  ///< all of the plan
    Step step;                       ///< of none where the input has none
    Instance instance;
    std::string distro_image;
    Round round;

    /// It refers to this.
    [[nodiscard]] TaskFacts facts() const {
        return {plan, versions, environment, step, instance, distro_image, round.order};
    }
};

}  // namespace kiln::release
