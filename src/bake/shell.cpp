#include "bake/bake_run.hpp"
#include "bake/baker.hpp"
#include "bake/result.hpp"
#include "bake/scratch.hpp"
#include "jail/jail.hpp"
#include "os/guest_root.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

/// Where a shell begins: the finished image, the last checkpoint, or the parent.
SnapshotId state_of(
    World& world, const ports::BakeRecord& record, const std::vector<std::string>& keys
) {
    const auto image_root = [&](const ImageId& id) {
        ports::ImageFilter filter;
        filter.ids = {id};
        return world.cloud.images.describe(filter).at(0).root_snapshot;
    };
    if (record.image) {
        return image_root(*record.image);
    }
    if (!keys.empty()) {
        if (const auto found = world.checkpoints.find_longest(keys, world.clock.now())) {
            return found->snapshot;
        }
    }
    return image_root(record.parent);
}

}  // namespace

int Baker::shell(
    const BakeId& id, const std::vector<std::string>& command, const std::stop_token& stop
) {
    const auto record = world_.bakes.get(id);
    if (!record.ended) {
        throw Error{
            ErrorKind::conflict,
            fmt::format("bake {} is {}", id.str(), ports::to_string(record.state))}
            .hint(fmt::format(
                "wait for its end (`kiln bake logs --follow {0}`) or `kiln bake cancel {0}`",
                id.str()
            ));
    }
    std::vector<std::string> keys;
    for (const auto& event : world_.bakes.events(id, {record.attempt, 0}, 10)) {
        if (event.category == "ACCEPTED") {
            keys = checkpoint_keys_of(event.data);
        }
    }
    if (record.parent.empty()) {
        throw Error{
            ErrorKind::conflict, fmt::format("bake {} was refused before it began", id.str())};
    }
    const auto request = parse_request(record.request, "/");
    const auto deadline = Deadline::never();
    const Scratch scratch{
        world_, state_of(world_, record, keys), Scratch::Access::read_write, stop, deadline};
    const os::GuestRoot guest{scratch.root()};
    guest.make_folder(kBootstrapFolder, 0700);

    auto wanted = command;
    if (wanted.empty()) {
        wanted = {guest.exists("/bin/bash") ? "/bin/bash" : "/bin/sh"};
    }
    auto plan = jail_plan(request, scratch.root(), std::move(wanted));
    plan.terminal = true;
    jail::Limits limits;
    limits.memory = request.limits.memory;
    limits.processes = request.limits.processes;
    limits.idle = std::chrono::hours{24 * 365};  // a person thinks
    world_.ledger.intend(scratch.job(), {{ports::ResourceKind::cgroup, scratch.job().str()}});
    const auto cgroup = os::Cgroup::make(scratch.job().str(), {limits.memory, limits.processes});
    jail::GuestVisitors visitors{scratch.root(), plan.network};
    plan.files = visitors.files();
    const auto outcome = jail::run_jail(
        plan, limits, cgroup, [](jail::Stream, const os::Line&) {}, stop, deadline
    );
    return outcome.status.signal != 0 ? 128 + outcome.status.signal : outcome.status.code;
}

}  // namespace kiln::bake
