#include "instances/upkeep.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "instances/group_keeper.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr auto kAll = std::numeric_limits<std::int32_t>::max();

/// Does it; a failure is logged and does not keep the rest from being done.
template <class Work>
void attempt(std::string_view what, const std::string& id, Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        log_warning(
            "upkeep of instances: not done, tried again next time",
            {{"what", std::string{what}}, {"id", id}, {"error", error.message()}}
        );
    }
}

bool all_in(const std::vector<std::string>& some, const std::vector<std::string>& all) {
    return std::all_of(some.begin(), some.end(), [&](const auto& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    });
}

}  // namespace

bool Upkeep::look(ReconcileFacts& facts) {
    facts.notes = world_.store.live_instances();
    const auto mark = world_.cache.mark();
    try {
        facts.machines = world_.machines.instances.describe({});
    } catch (const Error& error) {
        if (!retryable(error.kind())) {
            throw;
        }
        world_.cache.mark_stale(error.message());
        return false;
    }
    Cache::Expected expected;
    for (const auto& note : facts.notes) {
        expected.emplace(note.id, note.expected_state);
    }
    facts.now = world_.clock.now();
    world_.cache.replace(facts.machines, expected, facts.now, mark);
    return true;
}

bool Upkeep::run() {
    world_.images.sync();
    ReconcileFacts facts;
    if (!look(facts)) {
        return false;
    }
    facts.owner = world_.settings.owner;
    facts.grace = world_.settings.grace;
    facts.lost_job = world_.settings.lost_job;
    facts.keep = world_.settings.keep;
    for (auto& build : builds_.list({.open = true, .limit = kAll})) {
        facts.builds.emplace(build.id, std::move(build));
    }
    for (const auto& id : builds_named_by(facts.machines, facts.owner)) {
        if (!facts.builds.contains(id)) {
            if (auto build = builds_.find(id)) {
                facts.builds.emplace(id, std::move(*build));
            }
        }
    }
    carry_out(reconcile(facts));
    remove_idle_groups(facts.builds);
    GroupKeeper{world_}.run();
    world_.store.clear_scripts(facts.now);
    world_.store.forget(facts.now - world_.settings.keep);
    return true;
}

void Upkeep::record_gone(const Gone& gone) {
    auto note = world_.store.find_instance(gone.instance);
    if (!note) {
        return;
    }
    note->gone = gone.when;
    note->reason = gone.reason;
    world_.cache.remove(gone.instance);
    if (!builds_.find(note->build)) {
        world_.store.put_instance(*note);
        return;
    }
    builds_.update(note->build, [&](InstanceBuild& build) -> std::optional<Builds::With> {
        std::vector<std::string> ended{gone.instance};
        for (const auto& other : world_.store.instances_of(build.id)) {
            if (other.gone) {
                ended.push_back(other.id);
            }
        }
        instances::note(build, {gone.when, "ended", gone.reason, gone.instance});
        if (build.state == BuildState::started && all_in(build.instances, ended)) {
            build.state = BuildState::failed;
            build.error = "its machines ended before all were ready: " + gone.reason;
            build.ended = gone.when;
        }
        return Builds::With{.instances = {*note}};
    });
}

void Upkeep::carry_out(const ReconcilePlan& plan) {
    std::vector<InstanceId> ending;
    for (const auto& id : plan.strays) {
        log_warning("a machine that no record knows is terminated", {{"instance", id}});
        ending.push_back(InstanceId::trusted(id));
    }
    for (const auto& id : plan.overdue) {
        log_warning("a machine that outlived its deadline is terminated", {{"instance", id}});
        ending.push_back(InstanceId::trusted(id));
    }
    if (!ending.empty()) {
        attempt("terminate", ending.front().str(), [&] {
            world_.machines.instances.terminate(
                ending, Deadline::after(world_.settings.call_limit)
            );
        });
    }
    for (const auto& gone : plan.gone) {
        attempt("note the end of", gone.instance, [&] { record_gone(gone); });
        fault_point("after:instance.gone");
    }
    for (const auto& id : plan.close) {
        attempt("close", id, [&] { job_.close(id); });
    }
    for (const auto& id : plan.push) {
        attempt("push again", id, [&] {
            auto build = builds_.get(id);
            accept(world_, build);
        });
    }
}

void Upkeep::remove_idle_groups(const std::map<std::string, InstanceBuild>& builds) {
    attempt("remove security groups", "", [&] {
        for (const auto& group : world_.machines.groups.describe({})) {
            const auto owner = group.tags.find(kOwnerTag);
            const auto build = group.tags.find(kBuildTag);
            if (owner == group.tags.end() || owner->second != world_.settings.owner ||
                build == group.tags.end()) {
                continue;
            }
            const auto known = builds.find(build->second);
            const bool open = known != builds.end() && !known->second.closed;
            if (open || (known == builds.end() && builds_.find(build->second) &&
                         !builds_.get(build->second).closed)) {
                continue;
            }
            attempt("remove", group.id, [&] { world_.machines.groups.remove(group.id); });
        }
    });
}

}  // namespace kiln::instances
