#pragma once

#include "cli/services.hpp"
#include "release/definition.hpp"
#include "release/plan.hpp"
#include "release/words.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the verbs of releases have in common.
namespace kiln::cli {

inline constexpr const char* kUsualPlan = "release.toml";

/// @throws Error  not_found · invalid: with every fault, each with file, line and column
[[nodiscard]] release::Plan read_plan(const std::string& file);

/// The state machine of a release, as it was deployed.
struct DeployedRelease {
    std::string machine;  ///< ARN
    std::string definition;
    release::Vocabulary vocabulary;
};

/// The one that --machine names, or the plan of --plan (release.toml).
/// @throws Error  not_found: no such machine · invalid: it is not one that kiln made
[[nodiscard]] DeployedRelease find_release(StatesApi& api, const Context& context);

struct Deployment {
    enum class What { made, changed, same } what = What::same;
    std::string machine;  ///< ARN
    std::vector<std::string> activities;
};

/// Makes or changes the machine and the activities; again, it changes nothing.
/// @param functions  a Lambda function that answers the machine's functions; "": kiln's server
[[nodiscard]] Deployment deploy_release(
    StatesApi& api,
    const release::Plan& plan,
    const std::string& functions,
    const std::string& role,
    const std::stop_token& stop
);

/// The execution of that name or ARN; nullopt: the newest. @throws Error  not_found
[[nodiscard]] std::string find_execution(
    StatesApi& api,
    const DeployedRelease& release,
    const std::optional<std::string>& named,
    const std::stop_token& stop
);

}  // namespace kiln::cli
