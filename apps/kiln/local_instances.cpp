#include "cli/listen.hpp"
#include "cli/server_note.hpp"
#include "compute/container.hpp"
#include "compute/keeper.hpp"
#include "compute/runtime_mounts.hpp"
#include "os/exec.hpp"
#include "os/interrupt.hpp"
#include "world.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/// Instances of the local cloud: their keepers, and what the commands need of them.
namespace kiln {

namespace {

constexpr std::uint16_t kSsh = 22;
constexpr std::chrono::seconds kPatience{30};

/// Starts `kiln keep ID` and waits until it stands on its own feet (main.cpp, leave_parent).
void start_keeper(
    const InstanceId& id, const Maintenance& maintenance, const std::filesystem::path& home
) {
    os::Command command;
    command.argv = {std::filesystem::read_symlink("/proc/self/exe").string(), "keep", id.str()};
    const auto& settings = maintenance.settings();
    command.argv.insert(command.argv.end(), settings.begin(), settings.end());
    command.mount_namespace = maintenance.first_mounts();
    command.die_with_parent = false;
    command.directory = "/";
    // Warnings, which are few; an instance's own words are on its console.
    std::filesystem::create_directories(home / "logs");
    const auto log =
        os::open_file(home / "logs" / "keepers.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    command.fds = {{log.get(), 2}};
    os::Launch launch{command};
    const auto started = launch.start();
    (void)os::wait_ready(started.pidfd.get(), POLLIN, nullptr, Deadline::after(kPatience));
    (void)::waitpid(started.pid, nullptr, WNOHANG);
}

}  // namespace

compute::World World::compute_world() {
    auto& all = parts();
    return {
        .instances = all.instances,
        .keys = all.keys,
        .groups = all.groups,
        .cloud = all.cloud,
        .ledger = all.ledger,
        .clock = clock_,
        .holder = holder_ ? holder_->id() : HolderId::random(),
        .run_folder = run_folder(),
        .folder = config_.home / "instances",
        .network = compute::home_network(config_.home.string()),
        .holder_alive = [this](const HolderId& id) { return alive(id); },
        .undo_job = [this](const JobId& job) { undo_job(job); },
        .sweep = [this] { sweep_at_start(); },
        .start_keeper = [this](const InstanceId& id
                        ) { start_keeper(id, maintenance_, config_.home); },
    };
}

ports::Machines World::machines() {
    if (!machines_) {
        machines_ = std::make_unique<compute::LocalMachines>(compute_world());
    }
    return machines_->machines();
}

void World::keep_instance(const InstanceId& id, const std::stop_token& stop) {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        throw_errno("become the parent of what an instance leaves");
    }
    auto& all = parts();
    compute::ContainerFamily containers{
        {.attachments = all.cloud.attachments,
         .ledger = all.ledger,
         .clock = clock_,
         .host_ports = {cli::parse_listen(config_.server_listen).port},
         .account = config_.local_account}};
    auto machines = machine_family();
    compute::Keeper keeper{compute_world(), {containers, &machines}, id};
    keeper.run(stop);
}

ports::InstanceRecord World::running(const InstanceId& id) {
    auto record = parts().instances.find(id);
    if (!record) {
        throw Error{ErrorKind::not_found, fmt::format("there is no instance {}", id.str())};
    }
    const bool lives = record->keeper && alive(*record->keeper);
    if (record->instance.state != ports::InstanceState::running || !record->job || !lives) {
        throw Error{ErrorKind::conflict, fmt::format("{} does not run", id.str())}.hint(
            fmt::format("kiln instance start {}", id.str())
        );
    }
    return *std::move(record);
}

std::vector<std::string> World::entry_command(const InstanceId& id, bool terminal) {
    const auto record = running(id);
    if (record.first_process == 0) {
        throw Error{ErrorKind::invalid, fmt::format("{} is no container", id.str())}.hint(
            fmt::format("kiln instance ssh {}", id.str())
        );
    }
    compute::hide_mixed_cgroups();
    std::vector<std::string> words{
        "crun",
        "--root=" + (run_folder() / record.job->str() / "crun").string(),
        "--cgroup-manager=disabled",
        "exec"};
    if (terminal) {
        words.emplace_back("--tty");
    }
    words.push_back(id.str());
    return words;
}

std::pair<std::string, std::uint16_t> World::ssh_address(const InstanceId& id) {
    const auto record = running(id);
    for (const auto& [port, address] : record.forwards) {
        if (port == kSsh) {
            const auto bound = cli::parse_listen(address);
            return {bound.address, bound.port};
        }
    }
    return {record.instance.private_ip, kSsh};
}

std::vector<gc::Item> World::instances(gc::DryRun dry_run) {
    std::vector<gc::Item> items;
    const auto dry = dry_run == gc::DryRun::yes ? compute::DryRun::yes : compute::DryRun::no;
    for (auto& one : compute::tend(compute_world(), dry)) {
        items.push_back({"instance", one.id.str(), one.what, {}, std::move(one.failed)});
    }
    return items;
}

}  // namespace kiln
