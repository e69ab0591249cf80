#include "compute/container.hpp"

#include "base/fault.hpp"
#include "compute/container_guest.hpp"
#include "compute/init_program.hpp"
#include "compute/metadata_server.hpp"
#include "compute/oci_config.hpp"
#include "compute/runtime_mounts.hpp"
#include "os/interrupt.hpp"
#include "os/pidfd.hpp"
#include "os/spawn.hpp"

#include <charconv>
#include <future>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace kiln::compute {

namespace {

constexpr const char* kInit = "/run/kiln/init";

void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
    const auto file = os::open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    os::write_all(file, text);
    if (::fchmod(file.get(), mode) != 0) {
        throw_errno("fchmod");
    }
}

std::string resolv_conf(const std::vector<std::string>& nameservers) {
    std::string text;
    for (const auto& server : nameservers) {
        text += "nameserver " + server + "\n";
    }
    return text;
}

/// The files of the host's that the container sees, and the configuration that says so.
void write_bundle(const GuestPlan& plan, const std::string& network) {
    const auto& folder = plan.folder;
    write_file(folder / "init", init_program(), 0755);
    write_file(
        folder / "hosts",
        fmt::format("127.0.0.1 localhost\n{} {}\n", plan.address, plan.hostname),
        0644
    );
    write_file(folder / "hostname", plan.hostname + "\n", 0644);
    write_file(folder / "resolv.conf", resolv_conf(plan.nameservers), 0644);
    const ContainerPlan container{
        .root = folder / "root",
        .hostname = plan.hostname,
        .network = network,
        .files =
            {{folder / "init", kInit},
             {folder / "hosts", "/etc/hosts"},
             {folder / "hostname", "/etc/hostname"},
             {folder / "resolv.conf", "/etc/resolv.conf"}},
        .init = kInit,
    };
    write_file(folder / "config.json", json::serialize(oci_config(container)), 0600);
}

/// What the runtime said, for an error.
std::string runtimes_words(const std::filesystem::path& log) {
    try {
        auto text = os::read_file(log);
        while (!text.empty() && text.back() == '\n') {
            text.pop_back();
        }
        return text.empty() ? "it says nothing" : text;
    } catch (const Error&) {
        return "it says nothing";
    }
}

/// Starts the container; its init becomes a child of this process, which is a subreaper.
void run_container(const GuestPlan& plan, ContainerParts& parts, Deadline deadline) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw_errno("socketpair");
    }
    parts.control = os::Fd{ends[0]};
    const os::Fd theirs{ends[1]};
    const auto& folder = plan.folder;
    const auto pid_file = folder / "init.pid";
    os::Command command;
    command.argv = {
        "crun",
        "--root=" + (folder / "crun").string(),
        "--log=" + (folder / "crun.log").string(),
        "--cgroup-manager=disabled",
        "run",
        "--detach",
        "--preserve-fds=1",
        "--pid-file=" + pid_file.string(),
        "--bundle=" + folder.string(),
        plan.id.str()};
    command.fds = {{plan.console, 1}, {plan.console, 2}, {theirs.get(), 3}};
    command.cgroup_procs = parts.cgroup.procs();
    command.cgroup_folder = parts.cgroup.folder();
    std::optional<os::ExitStatus> status;
    // Its init is to be a child of this process, not of the thread: we are its subreaper.
    std::async(std::launch::async, [&] {
        hide_mixed_cgroups();
        auto runtime = os::Child::spawn(command);
        status = runtime.wait(deadline);
    }).get();
    if (!status) {
        throw Error{ErrorKind::timed_out, "crun did not start the container in time"};
    }
    if (!status->ok()) {
        throw Error{
            ErrorKind::internal,
            fmt::format("crun: {}: {}", status->describe(), runtimes_words(folder / "crun.log"))};
    }
    const auto number = os::read_file(pid_file);
    (void)std::from_chars(number.data(), number.data() + number.size(), parts.pid);
    parts.pidfd = os::Fd{os::pidfd_open(parts.pid)};
    if (!parts.pidfd) {
        throw_errno("pidfd_open");
    }
}

/// Waits for its init's first word. @throws Error  unavailable: it ended before
void await_init(const ContainerParts& parts, Deadline deadline) {
    if (os::wait_ready(parts.control.get(), POLLIN, nullptr, deadline) != os::Ready::yes) {
        throw Error{ErrorKind::timed_out, "the container's init did not begin in time"};
    }
    char word = 0;
    if (::recv(parts.control.get(), &word, 1, 0) != 1) {
        throw Error{ErrorKind::unavailable, "the container's init ended at once"};
    }
}

}  // namespace

std::unique_ptr<Guest> ContainerFamily::start(
    const GuestPlan& plan, const std::stop_token& stop, Deadline deadline
) {
    using ports::ResourceKind;
    const auto group = plan.id.str();
    const auto target = plan.folder / "root";
    world_.ledger.intend(
        plan.job,
        {{ResourceKind::firewall, firewall_name(plan.id)},
         {ResourceKind::cgroup, group},
         {ResourceKind::mount, target.string()}}
    );
    ContainerParts parts;
    // The network takes as long as the volume: both at once.
    auto network = std::async(std::launch::async, [&] {
        return InstanceNetwork::make(network_plan(plan, world_.host_ports), deadline);
    });
    try {
        std::filesystem::create_directories(target);
        parts.volume = world_.attachments.attach({plan.job, plan.volume, plan.folder}, deadline);
        fault_point("guest:attached");
        disk::MountedRoot::Options options;
        options.grow = plan.grow;
        parts.root =
            disk::MountedRoot::mount(parts.volume->device(), target, options, stop, deadline);
        parts.cgroup = os::Cgroup::make(group, {plan.type.memory, plan.type.processes});
    } catch (...) {
        network.wait();
        throw;
    }
    parts.network = network.get();
    fault_point("guest:network");
    write_bundle(plan, parts.network.path());
    parts.metadata = serve_metadata(plan, parts.network, world_.account, world_.clock);
    run_container(plan, parts, deadline);
    fault_point("guest:started");
    await_init(parts, deadline);
    return std::make_unique<ContainerGuest>(std::move(parts), plan);
}

}  // namespace kiln::compute
