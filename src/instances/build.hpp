#pragma once

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What somebody asked for when they asked for machines, and what became of it. Values; pure.
namespace kiln::instances {

enum class BuildState {
    pending,   ///< accepted; its machines are not there yet
    started,   ///< its machines are there, or only its init script was asked for and is there
    finished,  ///< a machine said that its init script ran to its end; script and secret are gone
    failed,    ///< there is an error, and nothing of it is left, or soon
};

[[nodiscard]] std::string_view to_string(BuildState state) noexcept;

/// Where to launch, in the order of trying: the next one on no capacity.
struct Alternative {
    std::string type;  ///< "ct.small", "t3.micro"
    std::string zone;  ///< "": the driver's default
    bool spot = false;

    bool operator==(const Alternative&) const = default;
};

/// As it was asked for, with the defaults filled in.
struct BuildRequest {
    std::string site, env, queue, role;
    std::string instance_type;  ///< of the first alternative
    std::int64_t count = 1;     ///< machines: all or none
    std::string ami;            ///< "": the role's active one, else its newest
    std::string name_template;
    std::string slack_channel;      ///< "": the notifier's default
    std::string security_group_id;  ///< "": one of its own
    std::string subnet_id;          ///< "": the driver's default
    bool boot_instance = true;      ///< false: only its init script is made
    std::string key_name;           ///< of a key pair; "": none
    std::optional<Duration> lifetime;
    std::vector<Alternative> alternatives;  ///< at least one

    bool operator==(const BuildRequest&) const = default;
};

/// Something that happened to a build.
struct BuildEvent {
    TimePoint time;
    std::string
        kind;  ///< "accepted", "queued", "image", "group", "script", "no_capacity", "launched",
               ///< "named", "retry", "started", "finished", "ended", "failed", "closed"
    std::string message;
    std::string instance = {};  ///< "": of none

    bool operator==(const BuildEvent&) const = default;
};

/// A record. `revision` is the store's: a change of an older one is refused.
struct InstanceBuild {
    std::string id;  ///< a UUID; also the stem of its client tokens
    BuildRequest request;
    BuildState state = BuildState::pending;
    std::int64_t revision = 0;
    TimePoint created;
    std::optional<TimePoint> ended;   ///< when it finished or failed
    std::optional<TimePoint> closed;  ///< nothing of it is left, and nothing more can happen to it
    std::string image;                ///< what `ami` or the role came to; "": not yet
    std::string group;                ///< its own security group; "": none (yet, or any more)
    std::string group_of;             ///< the instance group that asked for it; "": none
    bool scripted = false;            ///< its init script was made
    bool queued = false;              ///< its job is in the queue, or was
    std::int64_t tries = 0;           ///< launches that found no capacity
    bool launched = false;            ///< its machines are known, and it never launches again
    std::vector<std::string> instances;
    std::vector<std::string> reported;  ///< those that said that their init script has ended
    bool named = false;                 ///< the machines' Names were brought up to date
    bool told = false;                  ///< its start, or its failure, was notified
    std::string error;                  ///< "": none
    std::vector<BuildEvent> events;

    bool operator==(const InstanceBuild&) const = default;
};

/// What is used where a request says nothing.
struct BuildDefaults {
    std::string role = "worker";
    std::string name_template =
        "{{.Role}}-{{.Site}}-{{.Env}}-{{.Queue}}-{{.InstanceIDWithoutPrefix}}";
    std::string slack_channel;
    std::string key_name;
    std::optional<Duration> lifetime;
    std::int64_t most = 100;  ///< machines of one build
};

/// Reads what stands under "instance_builds" of a request.
/// @throws Error  invalid: with every fault at once; unknown keys are faults
[[nodiscard]] BuildRequest parse_build(const json::value& body, const BuildDefaults& defaults);

/// As the API shows it: the request's fields, `id`, `href`, `state`, what became of it, `events`.
/// No secret is in it.
[[nodiscard]] json::object to_json(const InstanceBuild& build);

/// The whole record as the store keeps it, but for `revision`; and back.
[[nodiscard]] json::object to_record(const InstanceBuild& build);
/// @throws Error corrupt
[[nodiscard]] InstanceBuild from_record(const json::value& record, std::int64_t revision);

/// Appends; of very many the oldest are forgotten but for the first.
void note(InstanceBuild& build, BuildEvent event);

/// A random UUID (version 4).
[[nodiscard]] std::string random_uuid();
/// The same UUID for the same name: an id for what has only a name, as another's job has.
[[nodiscard]] std::string uuid_of(std::string_view name);
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

}  // namespace kiln::instances
