#include "instances/reconcile.hpp"

#include "instances/settings.hpp"

#include <algorithm>
#include <set>

namespace kiln::instances {

namespace {

/// EC2 may not show for so long what it has made.
constexpr Duration kUnseen = std::chrono::minutes{2};
/// What a machine may be late at its deadline by.
constexpr Duration kLate = std::chrono::minutes{2};

std::string tag(const ports::Instance& machine, const char* key) {
    const auto found = machine.tags.find(key);
    return found == machine.tags.end() ? "" : found->second;
}

bool ending(const ports::Instance& machine) {
    return machine.state == ports::InstanceState::shutting_down ||
           machine.state == ports::InstanceState::terminated;
}

bool ours(const ports::Instance& machine, const std::string& owner) {
    return !owner.empty() && tag(machine, kOwnerTag) == owner && !tag(machine, kBuildTag).empty();
}

bool is_stray(const ports::Instance& machine, const ReconcileFacts& facts) {
    if (!ours(machine, facts.owner) || ending(machine) ||
        facts.now - machine.launched < facts.grace) {
        return false;
    }
    const auto found = facts.builds.find(tag(machine, kBuildTag));
    if (found == facts.builds.end()) {
        return true;
    }
    const auto& build = found->second;
    const auto& known = build.instances;
    if (std::find(known.begin(), known.end(), machine.id.str()) != known.end()) {
        return false;
    }
    return build.launched || build.state == BuildState::failed || build.closed;
}

/// When and why a note's machine ended; nullopt: it has not.
std::optional<Gone> end_of(
    const ports::InstanceNoteRow& note,
    const std::map<std::string, const ports::Instance*>& machines,
    TimePoint now
) {
    const auto found = machines.find(note.id);
    if (found == machines.end()) {
        if (now - note.launched < kUnseen) {
            return std::nullopt;
        }
        return Gone{note.id, now, note.reason.empty() ? "it is no more" : note.reason};
    }
    const auto& machine = *found->second;
    if (machine.state != ports::InstanceState::terminated) {
        return std::nullopt;
    }
    const auto& why = note.reason.empty() ? machine.reason : note.reason;
    return Gone{note.id, machine.ended.value_or(now), why.empty() ? "it ended" : why};
}

bool to_be_closed(
    const InstanceBuild& build, const std::set<std::string>& live, const ReconcileFacts& facts
) {
    if (build.closed) {
        return false;
    }
    if (build.state == BuildState::failed) {
        return true;
    }
    if (!build.request.boot_instance) {
        return build.state == BuildState::finished ||
               (build.state == BuildState::started && facts.now - build.created >= facts.keep);
    }
    return build.launched &&
           std::none_of(build.instances.begin(), build.instances.end(), [&](const auto& id) {
               return live.contains(id);
           });
}

}  // namespace

std::vector<std::string> builds_named_by(
    const std::vector<ports::Instance>& machines, const std::string& owner
) {
    std::set<std::string> ids;
    for (const auto& machine : machines) {
        if (ours(machine, owner)) {
            ids.insert(tag(machine, kBuildTag));
        }
    }
    return {ids.begin(), ids.end()};
}

ReconcilePlan reconcile(const ReconcileFacts& facts) {
    ReconcilePlan plan;
    std::map<std::string, const ports::Instance*> machines;
    std::set<std::string> live;
    for (const auto& machine : facts.machines) {
        machines.emplace(machine.id.str(), &machine);
        if (machine.state != ports::InstanceState::terminated) {
            live.insert(machine.id.str());
        }
        if (is_stray(machine, facts)) {
            plan.strays.push_back(machine.id.str());
        } else if (ours(machine, facts.owner) && !ending(machine) && machine.deadline &&
                   facts.now - *machine.deadline > kLate) {
            plan.overdue.push_back(machine.id.str());
        }
    }
    for (const auto& note : facts.notes) {
        if (auto end = end_of(note, machines, facts.now)) {
            plan.gone.push_back(std::move(*end));
        } else {
            live.insert(note.id);
        }
    }
    for (const auto& [id, build] : facts.builds) {
        if (to_be_closed(build, live, facts)) {
            plan.close.push_back(id);
        }
        if (build.state == BuildState::pending && !build.queued && !build.closed &&
            facts.now - build.created >= facts.lost_job) {
            plan.push.push_back(id);
        }
    }
    return plan;
}

}  // namespace kiln::instances
