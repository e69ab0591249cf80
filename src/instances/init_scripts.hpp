#pragma once

#include "base/time.hpp"
#include "instances/build.hpp"
#include "ports/instance_build_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

/// What a machine runs at its first boot, and the secret by which it may ask for it.
namespace kiln::instances {

struct ScriptSettings {
    std::string base_url;  ///< as machines reach this server: "https://host:port", no slash at end
    std::string source;    ///< the template
    std::map<std::string, std::string> variables;  ///< of the operator's, for {{.Name}}
    Duration expiry = std::chrono::hours{1};
};

/// What a template may ask for: Env Site Queue Role AMI Count InstanceType InstanceBuildID
/// InstanceBuildURL InstanceLaunchURL InstanceTerminateURL InstanceHeartbeatURL SlackChannel, and
/// the operator's variables, which do not hide these. The URLs hold the secret. Pure.
[[nodiscard]] std::map<std::string, std::string> script_variables(
    const InstanceBuild& build, std::string_view secret, const ScriptSettings& settings
);

/// Pure. @throws Error  invalid: the template is wrong, or asks for what there is not (named)
[[nodiscard]] std::string render_script(
    const InstanceBuild& build, std::string_view secret, const ScriptSettings& settings
);

/// `#include https://x:SECRET@host/init-scripts/ID` and a newline. Pure.
[[nodiscard]] std::string user_data(
    const std::string& build, std::string_view secret, const ScriptSettings& settings
);

/// 43 characters of 256 random bits, good in a URL.
[[nodiscard]] std::string random_secret();

/// Script and secret of a build, ready for the store.
[[nodiscard]] ports::InitScriptRow make_script(
    const InstanceBuild& build, const ScriptSettings& settings, std::string secret, TimePoint now
);

/// Is `secret` the build's? Takes as long whatever it is, and whether there is a row or not. Pure.
[[nodiscard]] bool secret_matches(
    const std::optional<ports::InitScriptRow>& row, std::string_view secret
) noexcept;

/// The text, while it may be had: not after its expiry, nor once it was taken away. Pure.
[[nodiscard]] std::optional<std::string> readable_script(
    const std::optional<ports::InitScriptRow>& row, TimePoint now
);

}  // namespace kiln::instances
