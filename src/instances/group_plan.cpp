#include "instances/groups.hpp"

#include <algorithm>

namespace kiln::instances {

namespace {

/// Oldest first; those that have no machine yet come last.
bool leaves_before(const Member* a, const Member* b) {
    if (a->instance.empty() != b->instance.empty()) {
        return b->instance.empty();
    }
    return a->since != b->since ? a->since < b->since : a->build < b->build;
}

}  // namespace

GroupPlan plan_group(
    const InstanceGroup& group, const std::vector<Member>& members, TimePoint now
) {
    GroupPlan plan;
    std::vector<const Member*> staying;
    std::size_t left = 0;
    for (const auto& member : members) {
        if (member.over) {
            plan.forget.push_back(member.build);
            plan.failed = plan.failed || member.failed;
            continue;
        }
        ++left;
        if (!member.draining_since) {
            staying.push_back(&member);
        } else if (now - *member.draining_since >= group.request.lifecycle_heartbeat_timeout) {
            plan.terminate.push_back(member.instance);
        }
    }
    const auto want = static_cast<std::size_t>(group.leaving ? 0 : group.request.desired_capacity);
    if (staying.size() < want) {
        const bool wait = plan.failed || (group.not_before && now < *group.not_before);
        plan.launch = wait ? 0 : static_cast<std::int64_t>(want - staying.size());
    } else {
        std::sort(staying.begin(), staying.end(), leaves_before);
        staying.resize(staying.size() - want);
        for (const auto* member : staying) {
            if (!member->instance.empty()) {
                plan.drain.push_back(member->instance);
            }
        }
    }
    plan.gone = group.leaving && left == 0;
    return plan;
}

}  // namespace kiln::instances
