#pragma once

#include "base/json.hpp"
#include "release/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::release {

/// What the definition names.
struct Resources {
    /// What activities' ARNs begin with: "arn:aws:states:local:000000000000:activity:".
    std::string activities;
    /// What answers the machine's functions: an activity's or a Lambda function's ARN. "": the
    /// plan's activity NAME-functions.
    std::string functions;
    /// The health branch waits with a task of NAME-tick, which ends when the main branch does;
    /// otherwise with a Wait state.
    bool tick = true;
};

/// The state machine of a plan, in JSONPath. Needs no plan when it runs: each function task brings
/// its part of it.
[[nodiscard]] json::object generate(const Plan& plan, const Resources& resources);

/// The activities that it needs, by name: the steps', then functions and tick.
[[nodiscard]] std::vector<std::string> activities_of(const Plan& plan, const Resources& resources);

/// States that status and functions look for in a history.
namespace states {
inline constexpr const char* kParseInput = "ParseInput";
inline constexpr const char* kRoot = "Root";
inline constexpr const char* kNormalize = "NormalizeResults";
inline constexpr const char* kMainEnd = "MainEnd";
inline constexpr const char* kCheck = "CheckForFailures";
}  // namespace states

/// Errors that tasks end with.
namespace errors {
inline constexpr const char* kInvalid = "Release.Invalid";  ///< of functions: not retried
inline constexpr const char* kUnavailable = "Release.Unavailable";
inline constexpr const char* kStepsFailed = "Release.StepsFailed";  ///< of CheckForFailures
inline constexpr const char* kTestBuild = "TestBuildNoRetry";       ///< of workers: not retried
inline constexpr const char* kNoWorkers = "Kiln.NoWorkers";         ///< of fleets: not retried
}  // namespace errors

}  // namespace kiln::release
