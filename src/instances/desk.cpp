#include "instances/desk.hpp"

#include "instances/build_job.hpp"
#include "instances/ending.hpp"
#include "instances/fields.hpp"
#include "instances/init_scripts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

void want_channel(const std::string& channel) {
    if (!channel.empty() && !fields::is_channel(channel)) {
        throw Error{"bad request", {{"slack-channel", "must be a channel, as \"#builds\""}}};
    }
}

}  // namespace

Desk::Desk(World& world, std::function<void()> stop) : world_{world}, stop_{std::move(stop)} {}

bool Desk::admits(const std::string& build, std::string_view secret) {
    return secret_matches(world_.store.find_script(build), secret);
}

InstanceBuild Desk::submit_build(
    const json::value& body, const std::optional<std::string>& slack_channel
) {
    InstanceBuild build;
    build.request = parse_build(body, world_.settings.defaults);
    if (slack_channel && !slack_channel->empty()) {
        want_channel(*slack_channel);
        build.request.slack_channel = *slack_channel;
    }
    build.id = random_uuid();
    build.created = world_.clock.now();
    note(build, {build.created, "accepted", "it was asked for"});
    accept(world_, build);
    return build;
}

InstanceBuild Desk::find_build(const std::string& id) {
    return Builds{world_.store}.get(id);
}

json::object Desk::show_build(const std::string& id) {
    auto shown = to_json(find_build(id));
    const auto now = world_.clock.now();
    json::array machines;
    for (const auto& row : world_.store.instances_of(id)) {
        machines.push_back(
            {{"id", row.id},
             {"launched_at", format_time(row.launched)},
             {"ended_at", row.gone ? json::value(format_time(*row.gone)) : json::value(nullptr)},
             {"reason", row.reason.empty() ? json::value(nullptr) : json::value(row.reason)},
             {"running_seconds", seconds_of(row.gone.value_or(now) - row.launched)},
             {"expected_state", row.expected_state}}
        );
    }
    shown["instances"] = std::move(machines);
    return shown;
}

std::vector<InstanceBuild> Desk::list_builds(const ports::InstanceBuildFilter& filter) {
    return Builds{world_.store}.list(filter);
}

InstanceBuild Desk::finish_build(const std::string& id, const Report& report) {
    want_channel(report.slack_channel);
    if (report.state == "pending" || report.state == "started") {
        return find_build(id);
    }
    if (report.state != "finished") {
        throw Error{
            "bad request", {{"state", "must be \"finished\" (or \"pending\", \"started\")"}}};
    }
    const auto now = world_.clock.now();
    std::string instance;
    auto build =
        Builds{world_.store}.update(id, [&](InstanceBuild& change) -> std::optional<Builds::With> {
            const auto& own = change.instances;
            instance =
                report.instance_id.empty() && own.size() == 1 ? own.front() : report.instance_id;
            if (change.request.boot_instance &&
                std::find(own.begin(), own.end(), instance) == own.end() &&
                (change.launched || !is_of_build(world_, instance, id))) {
                throw Error{
                    ErrorKind::not_found,
                    fmt::format("build {} has no instance '{}'", id, instance)};
            }
            if (change.state == BuildState::failed) {
                throw Error{ErrorKind::conflict, fmt::format("build {} has failed", id)};
            }
            if (std::count(change.reported.begin(), change.reported.end(), instance) != 0) {
                return std::nullopt;
            }
            std::vector<std::string> gone;
            for (const auto& row : world_.store.instances_of(id)) {
                if (row.gone) {
                    gone.push_back(row.id);
                }
            }
            Builds::With with;
            if (on_reported(change, instance, gone, now)) {
                // The machines go on using the secret for their life-cycle calls.
                with.script = world_.store.find_script(id);
                if (with.script) {
                    with.script->script.clear();
                }
            }
            return with;
        });
    auto notice = notice_of(build, Notice::Kind::finished, instance, now);
    if (!report.slack_channel.empty()) {
        notice.channel = report.slack_channel;
    }
    world_.notices.tell(notice);
    if (!build.group_of.empty() && !instance.empty()) {
        world_.notices.tell(notice_of(build, Notice::Kind::in_service, instance, now));
    }
    return build;
}

std::string Desk::init_script(const std::string& build) {
    if (auto script = readable_script(world_.store.find_script(build), world_.clock.now())) {
        return std::move(*script);
    }
    throw Error{
        ErrorKind::not_found,
        fmt::format(
            "there is no init script of build '{}', or it is not to be had any more", build
        )};
}

Desk::Listing Desk::list_instances(const ListFilter& filter) {
    return {world_.cache.list(filter), world_.cache.freshness()};
}

SeenInstance Desk::find_instance(const std::string& id) {
    if (auto seen = world_.cache.find(id)) {
        return seen;
    }
    const auto freshness = world_.cache.freshness();
    if (!freshness.as_of) {
        throw Error{ErrorKind::unavailable, "the cloud was not seen yet: " + freshness.why};
    }
    throw Error{ErrorKind::not_found, fmt::format("there is no instance '{}'", id)};
}

void Desk::terminate(const std::string& id, const std::string& slack_channel) {
    want_channel(slack_channel);
    (void)find_instance(id);
    expect(world_, id, "down");
    world_.jobs.push(world_.settings.queues.terminations, ending_args({id, slack_channel}));
}

ImageCatalog::Listing Desk::list_images(const ImageQuery& query) {
    return world_.images.list(query);
}

RoleImage Desk::activate_image(const std::string& id, const std::optional<std::string>& role) {
    return world_.images.activate(ImageId::parse(id).str(), role);
}

}  // namespace kiln::instances
