#include "compute/life.hpp"
#include "compute/local_machines.hpp"
#include "os/files.hpp"
#include "ports/instance_rules.hpp"

namespace kiln::compute {

using ports::InstanceRecord;

namespace {

constexpr std::chrono::minutes kPatience{1};

/// @returns  what was done, "" nothing
std::string settle(const World& world, const Verdict& verdict) {
    const auto& record = verdict.record;
    const auto& id = record.instance.id;
    switch (verdict.what) {
        case Orphan::none:
            return "";
        case Orphan::keep:
            world.start_keeper(id);
            return "started";
        case Orphan::finish:
            return world.instances.replace(record) ? "stopped" : "";
        case Orphan::remove:
            break;
    }
    if (!world.instances.replace(record)) {
        return "";  // somebody else is at it
    }
    if (!record.instance.root_volume.empty()) {
        world.cloud.volumes.remove(record.instance.root_volume, Deadline::after(kPatience));
    }
    auto gone = terminated(record, world.clock.now());
    ++gone.revision;
    return world.instances.replace(gone) ? "terminated" : "";
}

bool forgotten(const World& world, const InstanceRecord& record) {
    return record.instance.state == ports::InstanceState::terminated && record.instance.ended &&
           world.clock.now() - *record.instance.ended > ports::kTerminatedKept;
}

std::string word_of(Orphan what) {
    switch (what) {
        case Orphan::none:
            return "";
        case Orphan::keep:
            return "started";
        case Orphan::finish:
            return "stopped";
        case Orphan::remove:
            return "terminated";
    }
    return "";
}

Verdict look(const World& world, InstanceRecord record) {
    const bool lives = record.keeper && world.holder_alive(*record.keeper);
    return judge(std::move(record), lives, world.clock.now());
}

}  // namespace

std::vector<Tended> tend(const World& world, DryRun dry_run) {
    std::vector<Tended> done;
    std::vector<Verdict> orphans;
    std::vector<InstanceId> old;
    for (auto& record : world.instances.list({})) {
        if (forgotten(world, record)) {
            old.push_back(record.instance.id);
            continue;
        }
        auto verdict = look(world, std::move(record));
        if (verdict.what != Orphan::none) {
            orphans.push_back(std::move(verdict));
        }
    }
    if (!orphans.empty() && dry_run == DryRun::no) {
        world.sweep();  // what their keepers had is undone first: their volumes are free then
    }
    for (const auto& orphan : orphans) {
        Tended one{orphan.record.instance.id, word_of(orphan.what), {}};
        if (dry_run == DryRun::no) {
            try {
                one.what = settle(world, orphan);
            } catch (const Error& error) {
                one.failed = error.message();
            }
        }
        if (!one.what.empty()) {
            done.push_back(std::move(one));
        }
    }
    for (const auto& id : old) {
        if (dry_run == DryRun::no) {
            world.instances.remove({id});
            os::remove_tree(world.folder / id.str());
        }
        done.push_back({id, "forgotten", {}});
    }
    return done;
}

}  // namespace kiln::compute
