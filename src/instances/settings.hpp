#pragma once

#include "instances/build.hpp"
#include "instances/init_scripts.hpp"
#include "instances/jobs.hpp"

#include <string>
#include <vector>

namespace kiln::instances {

/// What the operator decides.
struct Settings {
    /// Names this server among those that share a cloud: it ends stray machines that bear its name
    /// (tag `kiln:owner`) and nobody else's.
    std::string owner;
    BuildDefaults defaults;
    ScriptSettings scripts;
    QueueNames queues;
    std::vector<std::string> networks;  ///< CIDRs that may reach port 22; none: nobody may
    Duration call_limit = std::chrono::seconds{60};  ///< of one call to the cloud
    /// How old a machine that no record knows has to be before it is ended.
    Duration grace = std::chrono::minutes{10};
    /// A build whose job is not heard of for so long gets another job.
    Duration lost_job = std::chrono::minutes{2};
    Duration keep = std::chrono::hours{24 * 14};  ///< records, after nothing is left
    /// Topics of SNS that may subscribe this server; none: nobody may.
    std::vector<std::string> sns_topics;
};

/// Tags of machines and groups by which they are found again.
inline constexpr const char* kOwnerTag = "kiln:owner";
inline constexpr const char* kBuildTag = "kiln:instance-build";

}  // namespace kiln::instances
