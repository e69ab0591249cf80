#include "instances/build_steps.hpp"

#include "instances/init_scripts.hpp"
#include "instances/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::uint16_t kSsh = 22;

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// @returns  is it finished by that?
bool finish_if_ready(InstanceBuild& build, const std::vector<std::string>& gone, TimePoint now) {
    const bool known = build.launched || !build.request.boot_instance;
    const bool all =
        std::all_of(build.instances.begin(), build.instances.end(), [&](const auto& one) {
            return contains(build.reported, one) || contains(gone, one);
        });
    if (!known || !all || build.state != BuildState::started) {
        return false;
    }
    build.state = BuildState::finished;
    build.ended = now;
    note(build, {now, "finished", "all of it is ready"});
    return true;
}

ports::Tags tags_of(const InstanceBuild& build, const Settings& settings) {
    return {{kBuildTag, build.id}, {kOwnerTag, settings.owner}};
}

}  // namespace

BuildStep next_step(const InstanceBuild& build) {
    if (build.closed) {
        return BuildStep::none;
    }
    if (build.state == BuildState::failed) {
        return build.told ? BuildStep::clean_up : BuildStep::tell_failed;
    }
    if (build.image.empty()) {
        return BuildStep::resolve_image;
    }
    if (!build.scripted) {
        return BuildStep::make_script;
    }
    const bool boots = build.request.boot_instance;
    if (boots && !build.launched) {
        const bool wants_group = build.request.security_group_id.empty() && build.group.empty();
        return wants_group ? BuildStep::make_group : BuildStep::launch;
    }
    if (boots && !build.named) {
        return BuildStep::name_machines;
    }
    return build.told ? BuildStep::none : BuildStep::tell_started;
}

std::string_view to_string(BuildStep step) noexcept {
    switch (step) {
        case BuildStep::resolve_image:
            return "resolve_image";
        case BuildStep::make_group:
            return "make_group";
        case BuildStep::make_script:
            return "make_script";
        case BuildStep::launch:
            return "launch";
        case BuildStep::name_machines:
            return "name_machines";
        case BuildStep::tell_started:
            return "tell_started";
        case BuildStep::tell_failed:
            return "tell_failed";
        case BuildStep::clean_up:
            return "clean_up";
        case BuildStep::none:
            return "none";
    }
    return "";
}

std::string group_name(const InstanceBuild& build) {
    return "kiln-build-" + build.id;
}

ports::SecurityGroupSpec group_spec(const InstanceBuild& build, const Settings& settings) {
    ports::SecurityGroupSpec spec;
    spec.name = group_name(build);
    spec.description = "instance build " + build.id;
    for (const auto& network : settings.networks) {
        spec.ingress.push_back(
            {.protocol = "tcp", .from_port = kSsh, .to_port = kSsh, .cidr = network}
        );
    }
    spec.tags = tags_of(build, settings);
    return spec;
}

std::string client_token(const InstanceBuild& build) {
    return fmt::format("{}-{}", build.id, build.tries);
}

const Alternative& alternative(const InstanceBuild& build) {
    const auto& all = build.request.alternatives;
    return all.at(static_cast<std::size_t>(build.tries) % all.size());
}

bool round_over(const InstanceBuild& build) {
    const auto all = static_cast<std::int64_t>(build.request.alternatives.size());
    return build.tries > 0 && build.tries % all == 0;
}

ports::InstanceSpec launch_spec(
    const InstanceBuild& build, const std::string& secret, const Settings& settings
) {
    const auto& request = build.request;
    const auto& where = alternative(build);
    ports::InstanceSpec spec;
    spec.client_token = client_token(build);
    spec.image = ImageId::trusted(build.image);
    spec.type = where.type;
    spec.zone = where.zone;
    spec.spot = where.spot;
    spec.subnet = request.subnet_id;
    spec.count = static_cast<std::size_t>(request.count);
    spec.tags = tags_of(build, settings);
    spec.tags.merge(ports::Tags{
        {"Name", name_before_launch(build)},
        {"role", request.role},
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue}});
    spec.user_data = user_data(build.id, secret, settings.scripts);
    spec.key_name = request.key_name;
    spec.security_groups = {
        request.security_group_id.empty() ? build.group : request.security_group_id};
    spec.shutdown = ports::ShutdownBehaviour::terminate;
    spec.lifetime = request.lifetime;
    return spec;
}

void on_image(InstanceBuild& build, const std::string& image, TimePoint now) {
    build.image = image;
    note(build, {now, "image", "the image is " + image});
}

void on_group(InstanceBuild& build, const std::string& group, TimePoint now) {
    build.group = group;
    note(build, {now, "group", "its security group is " + group});
}

void on_script(InstanceBuild& build, TimePoint now) {
    build.scripted = true;
    note(build, {now, "script", "the init script is there"});
    if (!build.request.boot_instance) {
        build.state = BuildState::started;
    }
}

void on_no_capacity(InstanceBuild& build, const std::string& why, TimePoint now) {
    const auto& tried = alternative(build);
    const auto where = tried.zone.empty() ? "" : " in " + tried.zone;
    note(
        build,
        {now,
         "no_capacity",
         fmt::format("no {}{}{}: {}", tried.spot ? "spot " : "", tried.type, where, why)}
    );
    ++build.tries;
}

void on_launched(
    InstanceBuild& build, const std::vector<ports::Instance>& instances, TimePoint now
) {
    build.launched = true;
    build.state = BuildState::started;
    for (const auto& instance : instances) {
        build.instances.push_back(instance.id.str());
        note(
            build,
            {now,
             "launched",
             fmt::format("{} of type {} was launched", instance.id.str(), instance.type),
             instance.id.str()}
        );
    }
    std::sort(build.instances.begin(), build.instances.end());
    // A quick machine may have reported before its launch was written down.
    finish_if_ready(build, {}, now);
}

void on_told(InstanceBuild& build) {
    build.told = true;
}

void on_retry(InstanceBuild& build, const std::string& error, TimePoint now) {
    note(build, {now, "retry", error});
}

void on_failed(InstanceBuild& build, const std::string& error, TimePoint now) {
    build.state = BuildState::failed;
    build.error = error;
    build.ended = now;
    build.told = false;
    note(build, {now, "failed", error});
}

void on_closed(InstanceBuild& build, TimePoint now) {
    build.closed = now;
    build.group = "";
    note(build, {now, "closed", "nothing of it is left"});
}

bool on_reported(
    InstanceBuild& build,
    const std::string& instance,
    const std::vector<std::string>& gone,
    TimePoint now
) {
    if (!instance.empty() && !contains(build.reported, instance)) {
        build.reported.push_back(instance);
        note(build, {now, "reported", instance + " has run its init script", instance});
    }
    return finish_if_ready(build, gone, now);
}

Notice notice_of(
    const InstanceBuild& build, Notice::Kind kind, const std::string& instance, TimePoint now
) {
    const auto& request = build.request;
    return {
        .kind = kind,
        .key = fmt::format("{}/{}/{}", build.id, to_string(kind), instance),
        .build = build.id,
        .instance = instance,
        .site = request.site,
        .env = request.env,
        .queue = request.queue,
        .role = request.role,
        .channel = request.slack_channel,
        .error = build.error,
        .time = now};
}

}  // namespace kiln::instances
