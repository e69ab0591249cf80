#pragma once

#include "bake/bake_run.hpp"

/// The JSON of a bake's beginning and end: what events carry and the record keeps. Pure.
namespace kiln::bake {

/// Data of ACCEPTED: the request as understood, with what it was resolved to.
[[nodiscard]] json::object accepted_json(
    const Request& request, const Resolved& resolved, std::int64_t attempt
);

/// The record's result: image, key, time line, commands, and the error if there was one.
[[nodiscard]] json::object result_json(
    const BakeRun& run, const std::optional<StepFailure>& failure
);

/// Data of ERROR: step, reason, exit status, last lines, and the command to look closer.
[[nodiscard]] json::object error_json(const BakeRun& run, const StepFailure& failure);

/// Reads `checkpoints` of ACCEPTED's data back.
[[nodiscard]] std::vector<std::string> checkpoint_keys_of(const json::value& accepted);

}  // namespace kiln::bake
