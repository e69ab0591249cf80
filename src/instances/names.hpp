#pragma once

#include "instances/build.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// Names of machines: the tag `Name`. Pure.
namespace kiln::instances {

/// What a name's template may ask for.
inline constexpr std::array<std::string_view, 9> kNameVariables{
    "Site",
    "Env",
    "Queue",
    "Role",
    "AMI",
    "InstanceType",
    "InstanceBuildID",
    "InstanceID",
    "InstanceIDWithoutPrefix"};

/// What is wrong with a name's template; nullopt: nothing.
[[nodiscard]] std::optional<std::string> name_template_problem(const std::string& source);

/// The Name in the launch call, when no id is known yet: the build's id stands for the machine's,
/// its first eight digits for the one without prefix.
[[nodiscard]] std::string name_before_launch(const InstanceBuild& build);

/// The Name of one of its machines.
[[nodiscard]] std::string name_of(const InstanceBuild& build, const std::string& instance);

}  // namespace kiln::instances
