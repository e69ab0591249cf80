#include "instances/build_job.hpp"
#include "instances/desk.hpp"
#include "instances/ending.hpp"

#include <fmt/format.h>

/// The part of the desk that machines call.
namespace kiln::instances {

namespace {

Error unknown_instance(const std::string& id) {
    return Error{ErrorKind::not_found, fmt::format("there is no instance '{}'", id)};
}

/// The instance, from the cache; one that another process launched since the last look is asked
/// the cloud for.
SeenInstance look_up(World& world, const ports::InstanceNoteRow& note) {
    if (auto seen = world.cache.find(note.id)) {
        return seen;
    }
    if (note.gone) {
        throw unknown_instance(note.id);
    }
    ports::InstanceFilter one;
    one.ids = {InstanceId::trusted(note.id)};
    for (auto& instance : world.machines.instances.describe(one)) {
        auto seen = see(instance, note.expected_state);
        world.cache.put(std::move(instance), note.expected_state);
        return seen;
    }
    throw unknown_instance(note.id);
}

/// The action of AWS' that waits for this instance; nullopt: none does.
std::optional<LifeCycleAction> waiting(const ports::InstanceNoteRow& note, Transition transition) {
    if (note.life_cycle.empty()) {
        return std::nullopt;
    }
    const auto document = json::parse(note.life_cycle);
    if (!document.as_object().contains("transition")) {
        return std::nullopt;
    }
    auto action = life_cycle_action(document);
    return action.transition == transition ? std::optional{std::move(action)} : std::nullopt;
}

void complete(World& world, const std::string& instance, Transition transition) {
    const auto note = world.store.find_instance(instance);
    if (!note) {
        return;
    }
    if (const auto action = waiting(*note, transition)) {
        world.jobs.push(world.settings.queues.life_cycle, {to_json(*action)});
    }
}

}  // namespace

SeenInstance Desk::spoken_for(
    Caller caller, const std::string& build, const std::string& instance
) {
    const auto known = Builds{world_.store}.get(build);
    const auto note = world_.store.find_instance(instance);
    if (note && note->build == build) {
        return look_up(world_, *note);
    }
    // Machines that others launched with a script of ours have no note; so have those that only
    // the token may speak for.
    const bool others = !note || note->build.empty();
    if (caller == Caller::token || (others && !known.request.boot_instance)) {
        if (auto seen = world_.cache.find(instance)) {
            return seen;
        }
    }
    if (!known.launched && !note && is_of_build(world_, instance, build)) {
        return look_up(world_, {.id = instance, .build = build, .launched = world_.clock.now()});
    }
    throw unknown_instance(instance);
}

SeenInstance Desk::heartbeat(Caller caller, const std::string& build, const std::string& instance) {
    return spoken_for(caller, build, instance);
}

SeenInstance Desk::launched(
    Caller caller,
    const std::string& build,
    const std::string& instance,
    const std::string& slack_channel
) {
    auto seen = spoken_for(caller, build, instance);
    complete(world_, instance, Transition::launching);
    world_.notices.tell(notice_about(world_, instance, Notice::Kind::in_service, slack_channel));
    return seen;
}

SeenInstance Desk::terminated(
    Caller caller,
    const std::string& build,
    const std::string& instance,
    const std::string& slack_channel
) {
    auto seen = spoken_for(caller, build, instance);
    expect(world_, instance, "down");
    const auto note = world_.store.find_instance(instance);
    if (note && waiting(*note, Transition::terminating)) {
        // Its group ends it, as soon as it hears that it may.
        complete(world_, instance, Transition::terminating);
    } else {
        world_.jobs.push(
            world_.settings.queues.terminations, ending_args({instance, slack_channel})
        );
    }
    world_.notices.tell(notice_about(world_, instance, Notice::Kind::out_of_service, slack_channel)
    );
    return world_.cache.find(instance) ? world_.cache.find(instance) : seen;
}

}  // namespace kiln::instances
