#include "base/fault.hpp"
#include "instances/build_job.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

/// What a job may say beside what a request may: it is ours, or the predecessor's.
constexpr std::string_view kOfTheJob[] = {
    "id", "state", "href", "instance_id", "instance_ids", "instance_group"};

std::string id_of(const Job& job, const json::object& asked) {
    if (const auto* given = asked.if_contains("id"); given != nullptr && given->is_string()) {
        const std::string id{given->as_string()};
        if (is_uuid(id)) {
            return id;
        }
        throw Error{ErrorKind::invalid, fmt::format("'{}' is no UUID", id)};
    }
    if (job.id.empty()) {
        throw Error{ErrorKind::invalid, "the job has neither an id nor a build's id"};
    }
    return uuid_of("instance-build of job " + job.id);
}

}  // namespace

InstanceBuild read_build_job(const Job& job, const BuildDefaults& defaults, TimePoint now) {
    if (job.args.size() != 1 || !job.args[0].is_object()) {
        throw Error{ErrorKind::invalid, "args must be one object, an instance build"};
    }
    auto asked = job.args[0].as_object();
    InstanceBuild build;
    build.id = id_of(job, asked);
    if (const auto* group = asked.if_contains("instance_group");
        group != nullptr && group->is_string()) {
        build.group_of = group->as_string();
    }
    for (const auto key : kOfTheJob) {
        asked.erase(key);
    }
    const json::value body = std::move(asked);
    build.request = parse_build(body, defaults);
    build.created = now;
    note(build, {now, "accepted", "it was asked for"});
    return build;
}

json::array build_job_args(const InstanceBuild& build) {
    const auto& request = build.request;
    json::array alternatives;
    for (const auto& one : request.alternatives) {
        json::object entry{{"instance_type", one.type}, {"spot", one.spot}};
        if (!one.zone.empty()) {
            entry["zone"] = one.zone;
        }
        alternatives.push_back(std::move(entry));
    }
    json::object args{
        {"id", build.id},
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue},
        {"role", request.role},
        {"instance_type", request.instance_type},
        {"count", request.count},
        {"name_template", request.name_template},
        {"boot_instance", request.boot_instance},
        {"alternatives", std::move(alternatives)},
    };
    const auto put = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            args[key] = value;
        }
    };
    put("ami", request.ami);
    put("slack_channel", request.slack_channel);
    put("security_group_id", request.security_group_id);
    put("subnet_id", request.subnet_id);
    put("key_name", request.key_name);
    put("instance_group", build.group_of);
    if (request.lifetime) {
        args["lifetime_seconds"] =
            std::chrono::floor<std::chrono::seconds>(*request.lifetime).count();
    }
    return {std::move(args)};
}

void accept(World& world, InstanceBuild& build) {
    Builds builds{world.store};
    builds.insert(build);
    build = builds.get(build.id);
    if (build.queued) {
        return;
    }
    fault_point("before:instance.push");
    world.jobs.push(world.settings.queues.builds, build_job_args(build));
    fault_point("after:instance.push");
    try {
        build.queued = true;
        note(build, {world.clock.now(), "queued", "its job waits"});
        builds.save(build);
    } catch (const Outdated&) {
        build = builds.get(build.id);  // the job runs already
    }
}

}  // namespace kiln::instances
