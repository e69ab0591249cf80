#pragma once

#include "release/results.hpp"
#include "release/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::release {

/// What decides whether an instance of a step is to be done, before anybody outside is asked.
struct PrepareFacts {
    const Step& step;
    Instance instance;
    const Versions& versions;
    const Order& order;
    std::vector<Outcome> outcomes;   ///< that this part of the machine sees
    std::vector<Instance> done;      ///< in an earlier round of the same execution
    std::vector<std::string> steps;  ///< all of the plan: other outcomes are the machine's own
};

/// Why it is not done.
struct NotDone {
    std::string reason;
    bool blocked = false;
};

/// nullopt: it is to be done, or `should_run` is to be asked. Pure.
[[nodiscard]] std::optional<NotDone> decide(const PrepareFacts& facts);

/// Is `should_run` to be asked in this mode?
[[nodiscard]] bool asks(Mode mode) noexcept;

}  // namespace kiln::release
