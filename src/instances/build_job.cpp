#include "instances/build_job.hpp"

#include "base/fault.hpp"
#include "instances/init_scripts.hpp"
#include "instances/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

void fault(std::string_view when, BuildStep step) {
    fault_point(fmt::format("{}:instance.{}", when, to_string(step)));
}

bool alive(const ports::Instance& instance) {
    return instance.state != ports::InstanceState::shutting_down &&
           instance.state != ports::InstanceState::terminated;
}

std::vector<InstanceId> ids_of(const std::vector<ports::Instance>& instances) {
    std::vector<InstanceId> ids;
    for (const auto& instance : instances) {
        ids.push_back(instance.id);
    }
    return ids;
}

std::optional<std::string> find_group(ports::SecurityGroups& groups, const std::string& name) {
    for (const auto& group : groups.describe({})) {
        if (group.name == name) {
            return group.id;
        }
    }
    return std::nullopt;
}

}  // namespace

Deadline BuildJob::call_deadline() const {
    return Deadline::after(world_.settings.call_limit);
}

InstanceBuild BuildJob::find_or_accept(const Job& job) {
    auto asked = read_build_job(job, world_.settings.defaults, world_.clock.now());
    if (auto known = builds_.find(asked.id)) {
        return std::move(*known);
    }
    asked.queued = true;
    builds_.insert(asked);
    return builds_.get(asked.id);
}

void BuildJob::run(const Job& job) {
    auto build = find_or_accept(job);
    try {
        go_on(build);
    } catch (const Error& error) {
        if (may_pass(error.kind())) {
            builds_.update(build.id, [&](InstanceBuild& now) -> std::optional<Builds::With> {
                on_retry(now, error.message(), world_.clock.now());
                return Builds::With{};
            });
        } else {
            fail(build.id, error.message());
        }
        throw;
    }
    if (build.state == BuildState::failed && !build.launched) {
        throw Error{ErrorKind::invalid, build.error};
    }
}

void BuildJob::give_up(const Job& job, const Error& error) {
    fail(find_or_accept(job).id, error.message());
}

void BuildJob::fail(const std::string& id, const std::string& why) {
    auto build = builds_.update(id, [&](InstanceBuild& now) -> std::optional<Builds::With> {
        if (now.launched || now.state == BuildState::failed || now.closed) {
            return std::nullopt;
        }
        on_failed(now, why, world_.clock.now());
        return Builds::With{};
    });
    go_on(build);
}

void BuildJob::close(const std::string& id) {
    for (const auto& note : world_.store.instances_of(id)) {
        if (!note.gone) {
            return;
        }
    }
    auto build = builds_.get(id);
    try {
        if (build.state == BuildState::failed) {
            go_on(build);
        } else if (!build.closed) {
            clean_up(build);
        }
    } catch (const Outdated&) {
        // Somebody is at work on it; whatever is left is found the next time.
    }
}

void BuildJob::go_on(InstanceBuild& build) {
    for (;;) {
        const auto step = next_step(build);
        if (step == BuildStep::none) {
            return;
        }
        try {
            fault("before", step);
            do_step(step, build);
            fault("wrote", step);
            if (step == BuildStep::clean_up) {
                return;
            }
        } catch (const Outdated&) {
            build = builds_.get(build.id);
        }
    }
}

void BuildJob::do_step(BuildStep step, InstanceBuild& build) {
    switch (step) {
        case BuildStep::resolve_image:
            return resolve_image(build);
        case BuildStep::make_script:
            return make_script(build);
        case BuildStep::make_group:
            return make_group(build);
        case BuildStep::launch:
            return launch(build);
        case BuildStep::name_machines:
            return name_machines(build);
        case BuildStep::tell_started:
        case BuildStep::tell_failed:
            return tell(build);
        case BuildStep::clean_up:
            return clean_up(build);
        case BuildStep::none:
            return;
    }
}

void BuildJob::resolve_image(InstanceBuild& build) {
    const auto image = world_.images.resolve(build.request.ami, build.request.role);
    on_image(build, image, world_.clock.now());
    builds_.save(build);
}

void BuildJob::make_script(InstanceBuild& build) {
    const auto now = world_.clock.now();
    auto row = instances::make_script(build, world_.settings.scripts, random_secret(), now);
    on_script(build, now);
    if (!build.request.boot_instance) {
        row.secret.clear();  // nobody is sent it
    }
    builds_.save(build, {.script = std::move(row)});
}

void BuildJob::make_group(InstanceBuild& build) {
    auto& groups = world_.machines.groups;
    auto group = find_group(groups, group_name(build));
    if (!group) {
        try {
            group = groups.create(group_spec(build, world_.settings)).id;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::conflict) {
                throw;
            }
            group = find_group(groups, group_name(build));
        }
    }
    fault("after", BuildStep::make_group);
    if (!group) {
        throw Error{ErrorKind::unavailable, "the security group is there, but not to be seen"};
    }
    on_group(build, *group, world_.clock.now());
    builds_.save(build);
}

void BuildJob::launch(InstanceBuild& build) {
    // What an earlier try has made is looked for even though the token would find it: clouds forget
    // tokens after a while, and this may be the last of many retries.
    ports::InstanceFilter made;
    made.client_token = client_token(build);
    auto found = world_.machines.instances.describe(made);
    if (!found.empty()) {
        return take(build, std::move(found));
    }
    auto script = world_.store.find_script(build.id);
    if (!script || script->secret.empty()) {
        build = builds_.get(build.id);
        if (build.launched || build.closed || build.state == BuildState::failed) {
            return;
        }
        throw Error{ErrorKind::corrupt, "the init script of " + build.id + " is gone"};
    }
    const auto now = world_.clock.now();
    const auto expiry = world_.settings.scripts.expiry;
    if (script->expires - now < expiry / 2) {
        // It was retried for so long that the machine would come too late for its script.
        script->expires = now + expiry;
        builds_.save(build, {.script = script});
    }
    auto answer = world_.machines.instances.launch(
        launch_spec(build, script->secret, world_.settings), call_deadline()
    );
    fault("after", BuildStep::launch);
    if (auto* instances = std::get_if<std::vector<ports::Instance>>(&answer)) {
        return take(build, std::move(*instances));
    }
    const auto why = std::get<ports::NoCapacity>(answer).why;
    on_no_capacity(build, why, now);
    builds_.save(build);
    if (round_over(build)) {
        throw Error{ErrorKind::exhausted, "no capacity for any alternative: " + why};
    }
}

void BuildJob::take(InstanceBuild& build, std::vector<ports::Instance> instances) {
    const auto now = world_.clock.now();
    Builds::With with;
    for (const auto& instance : instances) {
        with.instances.push_back(
            {.id = instance.id.str(), .build = build.id, .launched = instance.launched}
        );
    }
    on_launched(build, instances, now);
    with.script = world_.store.find_script(build.id);
    if (with.script) {
        with.script->secret.clear();
        if (build.state == BuildState::finished) {
            with.script->script.clear();
        }
    }
    try {
        builds_.save(build, std::move(with));
    } catch (const Outdated&) {
        // Another did the same; or, when this job was slower than its lease, has gone on to
        // another alternative, or given up: then these machines are nobody's.
        const auto is = builds_.get(build.id);
        const bool ours = is.launched ? is.instances == build.instances
                                      : is.tries == build.tries && is.state != BuildState::failed;
        if (!ours) {
            world_.machines.instances.terminate(ids_of(instances), call_deadline());
        }
        throw;
    }
    for (auto& instance : instances) {
        world_.cache.put(std::move(instance));
    }
}

void BuildJob::name_machines(InstanceBuild& build) {
    const auto before = name_before_launch(build);
    for (const auto& id : build.instances) {
        const auto name = name_of(build, id);
        if (name == before) {
            continue;
        }
        try {
            world_.tags.set(id, {{"Name", name}});
            if (const auto seen = world_.cache.find(id)) {
                auto instance = seen->instance;
                instance.tags["Name"] = name;
                world_.cache.put(std::move(instance));
            }
        } catch (const Error& error) {
            note(build, {world_.clock.now(), "unnamed", error.message(), id});
        }
    }
    fault("after", BuildStep::name_machines);
    build.named = true;
    builds_.save(build);
}

void BuildJob::tell(InstanceBuild& build) {
    const auto now = world_.clock.now();
    if (build.state == BuildState::failed) {
        world_.notices.tell(notice_of(build, Notice::Kind::failed, "", now));
    } else if (build.instances.empty()) {
        world_.notices.tell(notice_of(build, Notice::Kind::started, "", now));
    } else {
        for (const auto& id : build.instances) {
            world_.notices.tell(notice_of(build, Notice::Kind::started, id, now));
        }
    }
    fault("after", BuildStep::tell_started);
    on_told(build);
    builds_.save(build);
}

bool BuildJob::end_strays(const InstanceBuild& build) {
    ports::InstanceFilter of_build;
    of_build.tags[kBuildTag] = {build.id};
    auto found = world_.machines.instances.describe(of_build);
    std::erase_if(found, [&](const auto& instance) {
        const auto owner = instance.tags.find(kOwnerTag);
        return instance.state == ports::InstanceState::terminated || owner == instance.tags.end() ||
               owner->second != world_.settings.owner;
    });
    const bool none = found.empty();
    std::erase_if(found, [&](const auto& instance) {
        const auto& own = build.instances;
        return !alive(instance) ||
               std::find(own.begin(), own.end(), instance.id.str()) != own.end();
    });
    if (!found.empty()) {
        world_.machines.instances.terminate(ids_of(found), call_deadline());
    }
    return none;
}

void BuildJob::clean_up(InstanceBuild& build) {
    const bool none_left = end_strays(build);
    fault("after", BuildStep::clean_up);
    if (!none_left) {
        return;
    }
    if (build.request.security_group_id.empty() && build.request.boot_instance) {
        auto& groups = world_.machines.groups;
        const auto group = find_group(groups, group_name(build));
        try {
            if (group) {
                groups.remove(*group);
            }
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::conflict) {
                return;
            }
            throw;
        }
    }
    on_closed(build, world_.clock.now());
    builds_.save(build, {.remove_script = true});
}

}  // namespace kiln::instances
