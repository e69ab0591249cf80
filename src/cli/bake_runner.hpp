#pragma once

#include "cli/display.hpp"
#include "cli/services.hpp"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace kiln::cli {

/// How progress is shown: drawn on a terminal, as lines elsewhere, not at all with --quiet.
[[nodiscard]] Style style_of(const Context& context);

/// One bake to run, under the name that progress shows.
struct BakeTask {
    std::string name;
    std::function<ports::BakeRecord(const bake::EventSink&, const std::stop_token&)> run;
};

/// How one ended: its record, failure included, or what refused or stopped it.
using BakeOutcome = std::variant<ports::BakeRecord, Error>;

/// Runs the tasks, up to `concurrency` at once in this process and `bake.concurrency` on this
/// machine, and shows their progress. In the order of the tasks.
[[nodiscard]] std::vector<BakeOutcome> run_bakes(
    Context& context, const std::vector<BakeTask>& tasks, std::size_t concurrency
);

/// The exit code that stands for all of them. Pure.
[[nodiscard]] int exit_code_of(const std::vector<BakeOutcome>& outcomes);

/// The record's result as the document that --json prints; an error's document for the rest. Pure.
[[nodiscard]] json::object document_of(const BakeOutcome& outcome);

/// The images that were made or found.
[[nodiscard]] std::vector<ImageId> images_of(const std::vector<BakeOutcome>& outcomes);

/// Prints the outcome: image ids on stdout, or the document; what was refused on stderr.
/// @returns the exit code
int print_outcomes(Context& context, const std::vector<BakeOutcome>& outcomes);

}  // namespace kiln::cli
