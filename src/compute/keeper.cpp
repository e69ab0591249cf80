#include "compute/keeper.hpp"

#include "base/fault.hpp"
#include "base/log.hpp"
#include "compute/console_pump.hpp"
#include "compute/keeper_call.hpp"
#include "compute/start_watch.hpp"
#include "os/interrupt.hpp"

#include <array>

#include <poll.h>
#include <unistd.h>

namespace kiln::compute {

using ports::InstanceRecord;
using ports::Wish;

namespace {

constexpr std::chrono::minutes kStartPatience{2};

std::string hostname_of(std::string address) {
    std::replace(address.begin(), address.end(), '.', '-');
    return "ip-" + address;
}

/// The host's nameservers: those of systemd's resolver where it stands in front of them.
std::vector<std::string> nameservers() {
    for (const auto* file : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}) {
        if (std::filesystem::exists(file)) {
            if (auto found = reachable_nameservers(os::read_file(file)); !found.empty()) {
                return found;
            }
        }
    }
    return {};
}

int poll_timeout(std::optional<Deadline> killing) {
    const auto next = Deadline::after(kLookAgain);
    return (killing ? Deadline::earlier(*killing, next) : next).poll_timeout();
}

}  // namespace

Keeper::Keeper(World world, Families families, InstanceId id)
    : world_{std::move(world)}, families_{families}, id_{std::move(id)} {}

InstanceRecord Keeper::change(
    const std::function<std::optional<InstanceRecord>(InstanceRecord)>& how
) {
    for (;;) {
        const auto record = world_.instances.find(id_);
        if (!record) {
            throw Error{ErrorKind::not_found, "there is no instance " + id_.str()};
        }
        auto next = how(*record);
        if (!next) {
            return *record;
        }
        if (world_.instances.replace(*next)) {
            ++next->revision;
            return *next;
        }
    }
}

void Keeper::run(const std::stop_token& stop) {
    // Who starts it again while this one still listens is refused: so this one looks once more
    // after it has stopped to listen.
    for (bool pending = true; pending && keep(stop);) {
        const auto record = world_.instances.find(id_);
        pending = record && record->instance.state == ports::InstanceState::pending;
    }
}

bool Keeper::keep(const std::stop_token& stop) {
    try {
        calls_ = listen_for_calls(id_);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::conflict) {
            return false;
        }
        throw;
    }
    while (keep_once(stop) == Round::again) {
    }
    calls_ = {};
    return true;
}

Keeper::Round Keeper::keep_once(const std::stop_token& stop) {
    job_ = JobId::random();
    const auto record =
        change([&](InstanceRecord now) { return taken_over(std::move(now), world_.holder, job_); });
    if (record.job != job_) {
        return Round::over;  // there is nothing to keep
    }
    fault_point("keep:taken");
    const auto folder = world_.run_folder / job_.str();
    world_.ledger.intend(job_, {{ports::ResourceKind::folder, folder.string()}});
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    GuestEnd end{GuestEnd::What::powered_off, ""};
    if (record.wish != Wish::terminate && record.wish != Wish::stop) {
        end = run_guest(record, stop);
    }
    fault_point("keep:ended");
    world_.undo_job(job_);
    Ended ended;
    (void)change([&](InstanceRecord now) {
        ended = after_end(std::move(now), end, world_.clock.now());
        return ended.record;
    });
    return settle(ended);
}

GuestEnd Keeper::run_guest(const InstanceRecord& record, const std::stop_token& stop) {
    try {
        ConsolePump console{world_.folder / id_.str()};
        const auto plan = plan_for(record, console.writer());
        auto* family =
            plan.type.family == Family::container ? &families_.containers : families_.machines;
        if (family == nullptr) {
            throw Error{ErrorKind::unavailable, "this host cannot run QEMU machines"};
        }
        std::unique_ptr<Guest> guest;
        {
            const StartWatch watch{calls_, stop, [&] {
                                       const auto now = world_.instances.find(id_);
                                       return !now || now->wish == Wish::terminate ||
                                              now->wish == Wish::stop;
                                   }};
            guest = family->start(plan, watch.token(), Deadline::after(kStartPatience));
        }
        console.guest_has_it();
        (void)change([&](InstanceRecord now) {
            return begun(std::move(now), guest->first_process().value_or(0), guest->forwards());
        });
        fault_point("keep:begun");
        return watch(*guest, stop);
    } catch (const Error& error) {
        return stop.stop_requested() && error.kind() == ErrorKind::cancelled
                   ? GuestEnd{GuestEnd::What::powered_off, ""}
                   : GuestEnd{GuestEnd::What::failed, error.message()};
    }
}

Keeper::Round Keeper::settle(const Ended& ended) {
    fault_point("keep:settling");
    switch (ended.then) {
        case AfterEnd::start_again:
            return Round::again;
        case AfterEnd::let_go:
            return Round::over;
        case AfterEnd::remove:
            remove_volume(ended.record);
            fault_point("keep:removed");
            (void)change([&](InstanceRecord now) {
                return terminated(std::move(now), world_.clock.now());
            });
            return Round::over;
    }
    return Round::over;
}

void Keeper::remove_volume(const InstanceRecord& record) {
    if (!record.instance.root_volume.empty()) {
        world_.cloud.volumes.remove(record.instance.root_volume, Deadline::after(kStartPatience));
    }
}

GuestPlan Keeper::plan_for(const InstanceRecord& record, int console) {
    const auto& instance = record.instance;
    GuestPlan plan;
    plan.id = id_;
    plan.job = job_;
    plan.folder = world_.run_folder / job_.str();
    plan.volume = instance.root_volume;
    plan.grow = record.volume_size.has_value() && record.starts == 0;
    plan.image = instance.image;
    plan.hostname = hostname_of(instance.private_ip);
    plan.address = instance.private_ip;
    plan.gateway = world_.network.gateway;
    plan.home_cidr = world_.network.cidr;
    plan.nameservers = nameservers();
    plan.default_group = instance.security_groups.empty();
    for (const auto& group : world_.groups.list()) {
        const auto& ids = instance.security_groups;
        if (std::find(ids.begin(), ids.end(), group.id) != ids.end()) {
            plan.group_names.push_back(group.name);
            plan.ingress.insert(plan.ingress.end(), group.ingress.begin(), group.ingress.end());
        }
    }
    plan.type = instance_type(instance.type);
    for (const auto& key : world_.keys.list()) {
        if (key.name == instance.key_name) {
            plan.ssh_key = key.public_key;
        }
    }
    plan.user_data = record.user_data;
    plan.first_boot = record.starts == 0;
    plan.deadline = instance.deadline;
    plan.console = console;
    plan.look = [&store = world_.instances, known = instance] {
        const auto now = store.find(known.id);
        return now ? now->instance : known;
    };
    return plan;
}

GuestEnd Keeper::watch(Guest& guest, const std::stop_token& stop) {
    const os::StopFd stopped{stop};
    std::optional<Deadline> killing;
    bool asked_to_reboot = false;
    const auto ask_to_stop = [&] {
        if (!killing) {
            guest.ask_to_stop();
            killing = Deadline::after(kStopGrace);
        }
    };
    for (;;) {
        const auto record = world_.instances.find(id_);
        const auto wish = record ? record->wish : Wish::terminate;
        const bool over =
            record && record->instance.deadline && world_.clock.now() >= *record->instance.deadline;
        if (wish == Wish::terminate || wish == Wish::stop || over || stop.stop_requested()) {
            ask_to_stop();
            if (record && record->force == ports::Force::yes) {
                killing = Deadline::after(std::chrono::seconds{0});
            }
        } else if (wish == Wish::reboot && !std::exchange(asked_to_reboot, true)) {
            guest.ask_to_reboot();
            killing = Deadline::after(kStopGrace);
        }
        if (killing && killing->passed()) {
            guest.kill();
        }
        std::array<pollfd, 3> waits{
            pollfd{guest.end_fd(), POLLIN, 0},
            pollfd{calls_.get(), POLLIN, 0},
            pollfd{killing ? -1 : stopped.fd(), POLLIN, 0}};
        const bool killed = killing && killing->passed();
        (void)::poll(waits.data(), waits.size(), killed ? 1000 : poll_timeout(killing));
        take_calls(calls_);
        if (waits[0].revents != 0 || killed) {
            if (auto end = guest.ended()) {
                return *end;
            }
        }
    }
}

}  // namespace kiln::compute
