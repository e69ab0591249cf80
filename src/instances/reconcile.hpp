#pragma once

#include "instances/build.hpp"
#include "ports/instance_build_store.hpp"
#include "ports/instances.hpp"

#include <map>
#include <string>
#include <vector>

/// What there is, held against what is remembered, both ways. Pure.
namespace kiln::instances {

struct ReconcileFacts {
    /// Read before `machines` were: each of their machines was there by then.
    std::vector<ports::InstanceNoteRow> notes;
    std::vector<ports::Instance> machines;  ///< all of the cloud, in any state
    /// Read after `machines`: all that are open, and all that a machine's tag names.
    std::map<std::string, InstanceBuild> builds;
    TimePoint now;
    std::string owner;    ///< this server's; other owners' machines are not looked at
    Duration grace{};     ///< a machine younger than that is no stray
    Duration lost_job{};  ///< a build accepted longer ago than that has its job, or needs one
    Duration keep{};      ///< a script that nobody's machine uses is kept open so long
};

struct Gone {
    std::string instance;
    TimePoint when;
    std::string reason;

    bool operator==(const Gone&) const = default;
};

struct ReconcilePlan {
    std::vector<std::string> strays;   ///< machines that no record knows: to be terminated
    std::vector<std::string> overdue;  ///< that have outlived their deadline: to be terminated
    std::vector<Gone> gone;            ///< notes whose machine is no more
    std::vector<std::string> close;    ///< builds of which no machine is left
    std::vector<std::string> push;     ///< builds whose job never came into the queue

    bool operator==(const ReconcilePlan&) const = default;
};

[[nodiscard]] ReconcilePlan reconcile(const ReconcileFacts& facts);

/// Ids of builds that the machines of this owner name. Pure.
[[nodiscard]] std::vector<std::string> builds_named_by(
    const std::vector<ports::Instance>& machines, const std::string& owner
);

}  // namespace kiln::instances
