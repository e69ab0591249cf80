#pragma once

#include "instances/build.hpp"
#include "instances/notices.hpp"
#include "instances/settings.hpp"
#include "ports/instances.hpp"

#include <variant>

/// What is to be done next for a build, and what the record says after it. Pure: everything that
/// was done is in the record, so a job that begins again goes on where it was.
namespace kiln::instances {

enum class BuildStep {
    resolve_image,
    make_group,
    make_script,
    launch,
    name_machines,
    tell_started,
    tell_failed,
    clean_up,  ///< of a failed one: machines that it does not know, its group, its script
    none,      ///< nothing, or nothing yet
};

[[nodiscard]] BuildStep next_step(const InstanceBuild& build);
[[nodiscard]] std::string_view to_string(BuildStep step) noexcept;

/// The name of its own security group: the same whenever it is tried.
[[nodiscard]] std::string group_name(const InstanceBuild& build);
[[nodiscard]] ports::SecurityGroupSpec group_spec(
    const InstanceBuild& build, const Settings& settings
);

/// Changes with each launch that found no capacity, and never else: of all launches of a build, at
/// most one can have made machines.
[[nodiscard]] std::string client_token(const InstanceBuild& build);
[[nodiscard]] const Alternative& alternative(const InstanceBuild& build);
[[nodiscard]] ports::InstanceSpec launch_spec(
    const InstanceBuild& build, const std::string& secret, const Settings& settings
);

/// Has every alternative been tried as often as the others, at least once?
[[nodiscard]] bool round_over(const InstanceBuild& build);

void on_image(InstanceBuild& build, const std::string& image, TimePoint now);
void on_group(InstanceBuild& build, const std::string& group, TimePoint now);
void on_script(InstanceBuild& build, TimePoint now);
void on_no_capacity(InstanceBuild& build, const std::string& why, TimePoint now);
void on_launched(
    InstanceBuild& build, const std::vector<ports::Instance>& instances, TimePoint now
);
void on_told(InstanceBuild& build);
/// Tried in vain, to be tried again.
void on_retry(InstanceBuild& build, const std::string& error, TimePoint now);
void on_failed(InstanceBuild& build, const std::string& error, TimePoint now);
void on_closed(InstanceBuild& build, TimePoint now);

/// A machine said that its init script has ended. @param gone  those of the build that are gone
/// @returns  is the build finished by that?
bool on_reported(
    InstanceBuild& build,
    const std::string& instance,
    const std::vector<std::string>& gone,
    TimePoint now
);

[[nodiscard]] Notice notice_of(
    const InstanceBuild& build, Notice::Kind kind, const std::string& instance, TimePoint now
);

}  // namespace kiln::instances
