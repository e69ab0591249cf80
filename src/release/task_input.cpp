#include "release/task_input.hpp"

#include "base/error.hpp"
#include "release/outcome_json.hpp"

namespace kiln::release {

TaskInput::TaskInput(const json::object& input) : round{read_round(input)} {
    std::vector<Problem> problems;
    ObjectReader part{member(input, "plan"), "plan", problems};
    plan = part.string("name", ObjectReader::Need::required).value_or("");
    if (const auto* value = part.value("versions", ObjectReader::Need::required)) {
        versions = read_versions(*value, "plan.versions", problems);
    }
    environment = part.string_map("environment").value_or(Templates{});
    steps = part.strings("steps").value_or(std::vector<std::string>{});
    if (const auto* value = input.if_contains("step")) {
        step = read_step(*value, "step", problems);
    }
    instance = {step.name, text_of(input, "version"), text_of(input, "distro")};
    if (const auto* images = part.object("images")) {
        distro_image = text_of(*images, instance.distro);
    }
    if (!problems.empty()) {
        throw Error{"the task's input is not as a plan has it", std::move(problems)};
    }
}

}  // namespace kiln::release
