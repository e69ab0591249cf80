#include "instances/ending.hpp"

#include "base/fault.hpp"
#include "instances/build_steps.hpp"
#include "instances/builds.hpp"
#include "instances/fields.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::string_view kPrefix = "i-";

}  // namespace

Ending read_ending(const Job& job) {
    if (job.args.empty() || job.args.size() > 2) {
        throw Error{ErrorKind::invalid, "args must be an instance's id, or one object"};
    }
    std::vector<Problem> problems;
    json::value asked = job.args[0];
    if (asked.is_string()) {
        json::object object{{"instance_id", asked}};
        if (job.args.size() == 2) {
            object["slack_channel"] = job.args[1];
        }
        asked = std::move(object);
    }
    ObjectReader reader{asked, "args[0]", problems};
    Ending ending{
        .instance = fields::id(reader, "instance_id", kPrefix),
        .channel = fields::channel(reader, "slack_channel")};
    if (asked.is_object()) {
        reader.finish();
    }
    if (ending.instance.empty() && problems.empty()) {
        problems.push_back({"args[0].instance_id", "is missing"});
    }
    if (!problems.empty()) {
        throw Error{"bad termination", std::move(problems)};
    }
    return ending;
}

json::array ending_args(const Ending& ending) {
    json::object args{{"instance_id", ending.instance}};
    if (!ending.channel.empty()) {
        args["slack_channel"] = ending.channel;
    }
    return {std::move(args)};
}

ports::InstanceNoteRow note_of(World& world, const std::string& instance) {
    if (auto row = world.store.find_instance(instance)) {
        return std::move(*row);
    }
    const auto seen = world.cache.find(instance);
    return {
        .id = instance,
        .build = seen ? seen->build : "",
        .launched = seen ? seen->instance.launched : world.clock.now()};
}

bool is_of_build(World& world, const std::string& instance, const std::string& build) {
    if (!is_id(kPrefix, instance)) {
        return false;
    }
    // By tag, since an id that there is not is an error, and what is asked for comes from outside.
    ports::InstanceFilter of_build;
    of_build.tags[kBuildTag] = {build};
    for (const auto& machine : world.machines.instances.describe(of_build)) {
        if (machine.id.str() == instance) {
            return true;
        }
    }
    return false;
}

Notice notice_about(
    World& world, const std::string& instance, Notice::Kind kind, const std::string& channel
) {
    const auto now = world.clock.now();
    Notice notice{.kind = kind, .time = now};
    if (const auto build = Builds{world.store}.find(note_of(world, instance).build)) {
        notice = notice_of(*build, kind, instance, now);
        notice.error.clear();
    } else if (const auto seen = world.cache.find(instance)) {
        notice.site = seen->site;
        notice.env = seen->env;
        notice.queue = seen->queue;
        notice.role = seen->role;
    }
    notice.instance = instance;
    notice.key = fmt::format("{}/{}", instance, to_string(kind));
    if (!channel.empty()) {
        notice.channel = channel;
    }
    return notice;
}

void expect(World& world, const std::string& instance, const std::string& state) {
    auto row = note_of(world, instance);
    if (row.expected_state != state) {
        row.expected_state = state;
        world.store.put_instance(row);
    }
    if (const auto seen = world.cache.find(instance)) {
        world.cache.put(seen->instance, state);
    }
}

void end_instance(World& world, const Ending& ending) {
    auto row = note_of(world, ending.instance);
    if (!row.gone) {
        row.expected_state = "down";
        row.reason = "it was terminated on request";
        world.store.put_instance(row);
    }
    fault_point("before:instance.terminate");
    try {
        world.machines.instances.terminate(
            {InstanceId::trusted(ending.instance)}, Deadline::after(world.settings.call_limit)
        );
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
    }
    fault_point("after:instance.terminate");
    world.notices.tell(
        notice_about(world, ending.instance, Notice::Kind::terminating, ending.channel)
    );
    world.cache.remove(ending.instance);
}

void tell_not_ended(World& world, const Ending& ending, const std::string& why) {
    auto notice =
        notice_about(world, ending.instance, Notice::Kind::failed_to_terminate, ending.channel);
    notice.error = why;
    world.notices.tell(notice);
}

}  // namespace kiln::instances
