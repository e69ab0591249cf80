#include "base/fault.hpp"
#include "base/log.hpp"
#include "compute/console_log.hpp"
#include "compute/keeper_call.hpp"
#include "compute/life.hpp"
#include "compute/local_machines.hpp"
#include "compute/user_data.hpp"
#include "ports/instance_rules.hpp"

#include <thread>

#include <fmt/format.h>

namespace kiln::compute {

using ports::Instance;
using ports::InstanceRecord;

namespace {

constexpr const char* kZone = "local-1a";

std::vector<Instance> instances_of(const std::vector<InstanceRecord>& records) {
    std::vector<Instance> all;
    for (const auto& record : records) {
        all.push_back(record.instance);
    }
    return all;
}

/// Test builds: KILN_FAULT=throttle@launch, slow@launch, full@launch.
std::optional<ports::NoCapacity> bad_weather() {
    if (fault_wanted("throttle", "launch")) {
        throw Error{ErrorKind::exhausted, "too many launch requests"}.retry_after(
            std::chrono::seconds{1}
        );
    }
    if (fault_wanted("slow", "launch")) {
        std::this_thread::sleep_for(std::chrono::seconds{2});
    }
    if (fault_wanted("full", "launch")) {
        return ports::NoCapacity{"no room for it now"};
    }
    return std::nullopt;
}

void check_driver_rules(const ports::InstanceSpec& spec, std::vector<Problem>& problems) {
    try {
        const auto user_data = read_user_data(spec.user_data);
        const auto* strange = std::get_if<NotUnderstood>(&user_data);
        if (instance_type(spec.type).family == Family::container && strange != nullptr) {
            problems.push_back({"user_data", strange->why});
        }
    } catch (const Error& error) {
        problems.push_back({"type", error.message()});
    }
    if (!spec.zone.empty() && spec.zone != kZone) {
        problems.push_back({"zone", fmt::format("is '{}'; there is {}", spec.zone, kZone)});
    }
    if (!spec.subnet.empty()) {
        problems.push_back({"subnet", "the local cloud has no subnets"});
    }
}

}  // namespace

ports::Image LocalInstances::check(const ports::InstanceSpec& spec) {
    auto problems = ports::launch_problems(spec);
    check_driver_rules(spec, problems);
    if (!problems.empty()) {
        throw Error{"the launch request is not good", std::move(problems)};
    }
    ports::ImageFilter filter;
    filter.ids = {spec.image};
    auto image = world_.cloud.images.describe(filter).front();
    if (image.state != ports::ImageState::available) {
        throw Error{
            ErrorKind::conflict,
            fmt::format("image {} is {}", image.id.str(), ports::to_string(image.state))};
    }
    if (spec.volume_size && *spec.volume_size < image.size) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the volume of {} is smaller than the image, which has {}",
                humanize(*spec.volume_size),
                humanize(image.size)
            )};
    }
    return image;
}

std::vector<InstanceRecord> LocalInstances::make(
    const ports::InstanceSpec& spec, const ports::Image& image, const JobId& job, Deadline deadline
) {
    std::vector<InstanceRecord> records;
    const auto now = world_.clock.now();
    for (std::size_t at = 0; at < spec.count; ++at) {
        InstanceRecord record;
        auto& instance = record.instance;
        instance.id = InstanceId::random();
        ports::VolumeSpec volume;
        volume.owner = job;
        volume.snapshot = image.root_snapshot;
        volume.size = spec.volume_size;
        volume.tags = {{"kiln:instance", instance.id.str()}};
        instance.root_volume = world_.cloud.volumes.create(volume, deadline).id;
        instance.type = spec.type;
        instance.image = spec.image;
        instance.zone = kZone;
        instance.key_name = spec.key_name;
        instance.security_groups = spec.security_groups;
        instance.shutdown = spec.shutdown;
        instance.client_token = spec.client_token;
        instance.launched = now;
        instance.tags = spec.tags;
        if (spec.lifetime) {
            instance.deadline = now + *spec.lifetime;
        }
        record.user_data = spec.user_data;
        record.request = ports::launch_digest(spec);
        if (spec.volume_size && *spec.volume_size > image.size) {
            record.volume_size = spec.volume_size;
        }
        record.lifetime = spec.lifetime;
        record.keeper = world_.holder;
        records.push_back(std::move(record));
    }
    return records;
}

std::variant<std::vector<Instance>, ports::NoCapacity> LocalInstances::launch(
    const ports::InstanceSpec& spec, Deadline deadline
) {
    if (auto full = bad_weather()) {
        return *std::move(full);
    }
    if (!spec.client_token.empty()) {
        ports::InstanceFilter same;
        same.client_token = spec.client_token;
        auto known = world_.instances.list(same);
        if (!known.empty()) {
            std::reverse(known.begin(), known.end());
            if (known.front().request != ports::launch_digest(spec)) {
                throw Error{
                    ErrorKind::conflict,
                    fmt::format(
                        "the client token '{}' stands for another request", spec.client_token
                    )};
            }
            start_keepers(known);
            return instances_of(known);
        }
    }
    const auto image = check(spec);
    const auto job = JobId::random();
    std::vector<InstanceRecord> records;
    try {
        records = make(spec, image, job, deadline);
        fault_point("launch:volumes");
        records = world_.instances.add(job, std::move(records), world_.network.range);
    } catch (const Error& error) {
        world_.undo_job(job);
        if (error.kind() == ErrorKind::exhausted) {
            return ports::NoCapacity{error.message()};
        }
        throw;
    }
    fault_point("launch:recorded");
    world_.undo_job(job);  // nothing, but where another launch with the token was faster
    start_keepers(records);
    fault_point("launch:kept");
    return instances_of(records);
}

bool LocalInstances::kept(const InstanceRecord& record) const {
    return record.keeper && record.job && world_.holder_alive(*record.keeper);
}

void LocalInstances::start_keepers(const std::vector<InstanceRecord>& records) {
    for (const auto& record : records) {
        if (record.instance.state == ports::InstanceState::pending && !kept(record)) {
            world_.start_keeper(record.instance.id);
        }
    }
}

InstanceRecord LocalInstances::find(const InstanceId& id) {
    auto record = world_.instances.find(id);
    if (!record) {
        throw Error{ErrorKind::not_found, "there is no instance " + id.str()}.hint(
            "kiln instance list"
        );
    }
    return *std::move(record);
}

InstanceRecord LocalInstances::settled(const InstanceId& id) {
    auto record = find(id);
    const bool lives = record.keeper && world_.holder_alive(*record.keeper);
    if (judge(record, lives, world_.clock.now()).what == Orphan::finish) {
        tend_orphans();
        record = find(id);
    }
    return record;
}

std::vector<Instance> LocalInstances::describe(const ports::InstanceFilter& filter) {
    // What a dead keeper left is shown as it will be: the state is looked at after that.
    auto all = filter;
    all.states.clear();
    std::vector<InstanceId> known;
    std::vector<Instance> found;
    for (auto& record : world_.instances.list(all)) {
        known.push_back(record.instance.id);
        const bool lives = record.keeper && world_.holder_alive(*record.keeper);
        auto seen = judge(std::move(record), lives, world_.clock.now()).record.instance;
        if (ports::matches(filter, seen)) {
            found.push_back(std::move(seen));
        }
    }
    if (!filter.ids.empty()) {
        for (const auto& id : filter.ids) {
            if (std::find(known.begin(), known.end(), id) == known.end()) {
                (void)find(id);  // it may be there and fail another filter
            }
        }
    }
    return found;
}

void LocalInstances::terminate(const std::vector<InstanceId>& ids, Deadline deadline) {
    bool orphans = false;
    for (const auto& id : ids) {
        for (;;) {
            const auto record = world_.instances.find(id);
            auto next = record ? doomed(*record) : std::nullopt;
            if (!next) {
                break;
            }
            if (world_.instances.replace(*next)) {
                fault_point("terminate:recorded");
                orphans = orphans || !kept(*next);
                call_keeper(id);
                break;
            }
        }
        if (deadline.passed()) {
            throw Error{ErrorKind::timed_out, "not all were told to end"};
        }
    }
    if (orphans) {
        tend_orphans();
    }
}

void LocalInstances::change(
    const InstanceId& id, ports::Change change, ports::Force force, Deadline deadline
) {
    while (!deadline.passed()) {
        auto next = wished(settled(id), change, force, world_.clock.now());
        if (!next) {
            return;
        }
        if (change == ports::Change::start) {
            next->keeper = world_.holder;
            next->job.reset();
        }
        if (!world_.instances.replace(*next)) {
            continue;
        }
        if (change == ports::Change::start) {
            start_keepers({*next});
        } else if (kept(*next)) {
            call_keeper(id);
        } else {
            tend_orphans();
        }
        return;
    }
    throw Error{
        ErrorKind::timed_out, fmt::format("{} was changed by others all the time", id.str())};
}

void LocalInstances::tend_orphans() {
    for (const auto& one : tend(world_, DryRun::no)) {
        if (one.failed) {
            log_warning(
                "an instance that nobody keeps is not settled; the next command tries again",
                {{"instance", one.id.str()}, {"why", *one.failed}}
            );
        }
    }
}

ports::ConsoleOutput LocalInstances::console(const InstanceId& id, std::uint64_t from) {
    const auto record = find(id);
    auto output = ConsoleLog::read(world_.folder / id.str(), from);
    output.open = record.instance.state != ports::InstanceState::terminated;
    return output;
}

}  // namespace kiln::compute
