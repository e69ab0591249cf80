#include "instances/group_keeper.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "instances/build_job.hpp"
#include "instances/ending.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::size_t kMostEvents = 100;
/// Of an instance's note, in `life_cycle`: its group made it drain.
constexpr std::string_view kDrainingSince = "draining_since";

ports::InstanceGroupRow row_of(const InstanceGroup& group) {
    return {
        .id = group.id,
        .revision = group.revision,
        .created = group.created,
        .document = json::serialize(to_record(group))};
}

void note(InstanceGroup& group, BuildEvent event) {
    if (group.events.size() >= kMostEvents) {
        group.events.erase(group.events.begin());
    }
    group.events.push_back(std::move(event));
}

std::optional<TimePoint> draining_since(const ports::InstanceNoteRow& row) {
    if (row.life_cycle.empty()) {
        return std::nullopt;
    }
    const auto document = json::parse(row.life_cycle);
    const auto* since = document.as_object().if_contains(kDrainingSince);
    return since == nullptr ? std::nullopt
                            : std::optional{TimePoint{Duration{since->to_number<std::int64_t>()}}};
}

}  // namespace

InstanceGroup Groups::get(const std::string& id) {
    if (const auto row = store_.find_group(id)) {
        return group_from_record(json::parse(row->document), row->revision);
    }
    throw Error{ErrorKind::not_found, fmt::format("there is no group '{}'", id)};
}

std::vector<InstanceGroup> Groups::list() {
    std::vector<InstanceGroup> all;
    for (const auto& row : store_.groups()) {
        all.push_back(group_from_record(json::parse(row.document), row.revision));
    }
    return all;
}

bool Groups::insert(const InstanceGroup& group) {
    return store_.insert_group(row_of(group));
}

void Groups::save(InstanceGroup& group) {
    try {
        group.revision = store_.change_group(row_of(group));
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict || error.kind() == ErrorKind::not_found) {
            throw Outdated{};
        }
        throw;
    }
}

void GroupKeeper::run() {
    for (auto& group : groups_.list()) {
        const auto id = group.id;
        try {
            keep(std::move(group));
        } catch (const Outdated&) {
            // Somebody else has changed it; it is looked at again next time.
        } catch (const Error& error) {
            log_warning(
                "a group is not kept, tried again next time",
                {{"group", id}, {"error", error.message()}}
            );
        }
    }
}

std::vector<Member> GroupKeeper::members(const InstanceGroup& group) {
    std::vector<Member> all;
    for (const auto& id : group.builds) {
        Member member{.build = id, .since = group.created};
        if (const auto build = builds_.find(id)) {
            member.since = build->created;
            member.over = build->closed || build->state == BuildState::failed;
            member.failed = build->state == BuildState::failed && !build->launched;
        }
        for (const auto& row : world_.store.instances_of(id)) {
            member.instance = row.id;
            member.since = row.launched;
            member.draining_since = draining_since(row);
            member.over = member.over || row.gone.has_value();
            member.failed = row.gone.has_value() && row.expected_state == "up";
        }
        all.push_back(std::move(member));
    }
    return all;
}

void GroupKeeper::keep(InstanceGroup group) {
    const auto now = world_.clock.now();
    const auto plan = plan_group(group, members(group), now);
    if (plan.gone) {
        groups_.remove(group.id);
        return;
    }
    for (const auto& build : plan.forget) {
        std::erase(group.builds, build);
        note(group, {now, "left", "build " + build + " is over"});
    }
    if (plan.failed) {
        group.not_before = now + group.request.default_cooldown;
    }
    for (std::int64_t i = 0; i < plan.launch; ++i) {
        ++group.made;
        group.builds.push_back(uuid_of(fmt::format("{}/{}", group.id, group.made)));
        note(group, {now, "asked", "build " + group.builds.back() + " is asked for"});
    }
    if (plan.launch > 0 || !plan.forget.empty()) {
        groups_.save(group);
        fault_point("wrote:instance.group");
    }
    for (const auto& build : group.builds) {
        ask_for(group, build);
    }
    for (const auto& instance : plan.drain) {
        drain(group, instance);
    }
    for (const auto& instance : plan.terminate) {
        end_instance(world_, {instance, group.pattern.slack_channel});
    }
}

void GroupKeeper::ask_for(const InstanceGroup& group, const std::string& build) {
    if (builds_.find(build)) {
        return;
    }
    const auto now = world_.clock.now();
    InstanceBuild asked;
    asked.id = build;
    asked.request = group.pattern;
    asked.created = now;
    asked.group_of = group.id;
    instances::note(asked, {now, "accepted", "group " + group.id + " asked for it"});
    accept(world_, asked);
}

void GroupKeeper::drain(const InstanceGroup& group, const std::string& instance) {
    auto row = note_of(world_, instance);
    row.expected_state = "down";
    row.life_cycle = json::serialize(json::object{
        {kDrainingSince, world_.clock.now().time_since_epoch().count()}});
    world_.store.put_instance(row);
    expect(world_, instance, "down");
    fault_point("after:instance.drain");
    world_.notices.tell(
        notice_about(world_, instance, Notice::Kind::out_of_service, group.pattern.slack_channel)
    );
}

}  // namespace kiln::instances
