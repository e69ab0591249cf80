#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "instances/build.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Groups that keep N machines of a build. Values and what is to be done; pure.
namespace kiln::instances {

/// As it was asked for (`autoscaling_group_builds`), with the defaults filled in.
struct GroupRequest {
    std::string instance_id;  ///< whose build is the pattern; or
    std::string build_id;     ///< the pattern itself
    std::string site, env, queue, role;
    std::string role_arn, topic_arn;  ///< kept and shown; a group of kiln's own needs neither
    std::string name_template;        ///< "": the pattern's
    std::string slack_channel;
    std::int64_t min_size = 0, max_size = 0, desired_capacity = 0;
    Duration default_cooldown = std::chrono::seconds{300};
    /// How long a machine that is to leave may drain.
    Duration lifecycle_heartbeat_timeout = std::chrono::seconds{900};

    bool operator==(const GroupRequest&) const = default;
};

/// @throws Error  invalid: with every fault at once
[[nodiscard]] GroupRequest parse_group(const json::value& body);

struct InstanceGroup {
    std::string id;  ///< a UUID
    std::int64_t revision = 0;
    TimePoint created;
    GroupRequest request;
    BuildRequest pattern;                 ///< of one machine
    bool leaving = false;                 ///< it is to go when its machines have
    std::int64_t made = 0;                ///< builds it ever asked for
    std::vector<std::string> builds;      ///< of one machine each, which are not over
    std::optional<TimePoint> not_before;  ///< it launches nothing before, since a build failed
    std::vector<BuildEvent> events;

    bool operator==(const InstanceGroup&) const = default;
};

/// `id`, `href`, the request's fields, `instance_builds`, `events`.
[[nodiscard]] json::object to_json(const InstanceGroup& group);
[[nodiscard]] json::object to_record(const InstanceGroup& group);
/// @throws Error corrupt
[[nodiscard]] InstanceGroup group_from_record(const json::value& record, std::int64_t revision);

/// New limits; what is not set stays.
struct Resize {
    std::optional<std::int64_t> min_size, max_size, desired_capacity;
};

/// @throws Error  invalid: not 0 <= min <= desired <= max, with every fault
void resize(InstanceGroup& group, const Resize& sizes);

/// One of a group's builds.
struct Member {
    std::string build;
    bool over = false;                        ///< failed, or its machine is gone
    bool failed = false;                      ///< over, and not because it was told to
    std::string instance;                     ///< "": not launched yet
    TimePoint since;                          ///< its launch, or the build's making
    std::optional<TimePoint> draining_since;  ///< it is to leave
};

struct GroupPlan {
    std::int64_t launch = 0;             ///< builds to be asked for
    std::vector<std::string> drain;      ///< instances that are to be told "down"
    std::vector<std::string> terminate;  ///< instances that had their time to drain
    std::vector<std::string> forget;     ///< builds that are over
    bool failed = false;                 ///< one of those failed: wait before the next launch
    bool gone = false;                   ///< the group was to go, and nothing of it is left

    bool operator==(const GroupPlan&) const = default;
};

/// What brings a group nearer to its size. Those that leave are the oldest.
[[nodiscard]] GroupPlan plan_group(
    const InstanceGroup& group, const std::vector<Member>& members, TimePoint now
);

}  // namespace kiln::instances
