#pragma once

#include "cli/terminal.hpp"
#include "release/results.hpp"

#include <string>
#include <vector>

namespace kiln::cli {

/// A release as people see it. Pure.
struct ReleaseView {
    std::vector<std::string> steps;  ///< in the plan's order
    std::vector<release::Outcome> outcomes;
};

/// A table: a row for each version and each of its distros, a column for each step.
[[nodiscard]] std::string release_table(const ReleaseView& view, const Terminal& terminal);

/// "Build 1.0.0 debian-12: failed: Worker.Failed …", for logs.
[[nodiscard]] std::string outcome_line(const release::Outcome& outcome);

/// Those that are new or have changed, in the order of `after`.
[[nodiscard]] std::vector<release::Outcome> changed_outcomes(
    const std::vector<release::Outcome>& before, const std::vector<release::Outcome>& after
);

}  // namespace kiln::cli
