#include "qemu/machine_family.hpp"

#include "base/error.hpp"
#include "base/fault.hpp"
#include "images/task.hpp"
#include "os/files.hpp"
#include "qemu/machine_guest.hpp"
#include "qemu/seed.hpp"

#include <array>
#include <future>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::qemu {

namespace {

#ifdef __aarch64__
constexpr const char* kArchitecture = "arm64";
#else
constexpr const char* kArchitecture = "x86_64";
#endif

std::pair<os::Fd, os::Fd> socket_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw_errno("make a socket pair");
    }
    return {os::Fd{ends[0]}, os::Fd{ends[1]}};
}

/// nsenter becomes QEMU by exec: the same process, which dies with its parent as before.
std::vector<std::string> inside(const std::string& network, std::vector<std::string> arguments) {
    if (!network.empty()) {
        arguments.insert(arguments.begin(), {"nsenter", "--net=" + network, "--"});
    }
    return arguments;
}

MachineSpec spec_for(const compute::GuestPlan& plan, bool kvm) {
    MachineSpec spec;
    spec.name = plan.id.str();
    spec.vcpus = plan.type.vcpus;
    spec.memory = plan.type.memory;
    spec.accelerator = kvm ? images::Accelerator::kvm : images::Accelerator::emulation;
    spec.architecture = kArchitecture;
    spec.seed = plan.folder / "seed.iso";
    spec.pid_file = plan.folder / "qemu.pid";
    return spec;
}

}  // namespace

images::Machine MachineFamily::look_at_volume(
    const compute::GuestPlan& plan, const std::stop_token& stop, Deadline deadline
) {
    ports::AttachSpec attach;
    attach.owner = plan.job;
    attach.volume = plan.volume;
    attach.work_folder = plan.folder;
    attach.read_only = true;
    const auto volume = world_.cloud.attachments.attach(attach, deadline);
    const images::Task task{world_.cloud, world_.ledger, plan.job, plan.folder, stop, deadline, {}};
    auto machine = images::look_at_disk(task, volume->device(), kArchitecture);
    volume->detach();
    return machine;
}

void MachineFamily::write_seed(const compute::GuestPlan& plan, const std::filesystem::path& file)
    const {
    Seed seed;
    seed.instance_id = plan.id.str();
    seed.hostname = plan.hostname;
    seed.ssh_key = plan.ssh_key;
    seed.user_data = plan.user_data;
    seed.nameservers = plan.nameservers;
    if (plan.deadline) {
        seed.lifetime =
            std::chrono::duration_cast<std::chrono::seconds>(*plan.deadline - world_.clock.now());
    }
    os::write_all(
        os::open_file(file, O_WRONLY | O_CREAT | O_TRUNC, 0600),
        iso_image(kSeedLabel, seed_files(seed))
    );
}

std::unique_ptr<compute::Guest> MachineFamily::start(
    const compute::GuestPlan& plan, const std::stop_token& stop, Deadline deadline
) {
    const auto ports = open_ports(plan.ingress);
    auto spec = spec_for(plan, world_.kvm_works(stop));
    MachineParts parts;
    // Both wait, mostly for the kernel and for other programs: beside each other.
    auto network = std::async(std::launch::async, [&] { return world_.network(plan, deadline); });
    spec.start = look_at_volume(plan, stop, deadline);
    write_seed(plan, spec.seed);
    parts.network = network.get();
    fault_point("vm:network");
    parts.forwards = parts.network->forwards(ports);
    spec.forwards = parts.forwards;
    parts.disk.emplace(world_.local.lend(plan.job, plan.volume));
    spec.disk = parts.disk->file();
    fault_point("vm:lent");
    parts.words = os::Fd{::memfd_create("kiln-qemu", MFD_CLOEXEC)};
    if (!parts.words) {
        throw_errno("make a memory file");
    }
    auto [ours, theirs] = socket_pair();
    parts.monitor.emplace(std::move(ours));
    os::Command command;
    command.argv = inside(parts.network->namespace_path(), instance_arguments(spec));
    command.fds = {
        {theirs.get(), spec.monitor_fd},
        {plan.console, STDOUT_FILENO},
        {parts.words.get(), STDERR_FILENO}};
    world_.ledger.intend(plan.job, {{ports::ResourceKind::process, spec.pid_file.string()}});
    parts.program = os::Child::spawn(command);
    theirs = {};  // so that its end is the connection's
    fault_point("vm:started");
    auto guest = std::make_unique<MachineGuest>(std::move(parts));
    guest->wait_until_it_runs(deadline);
    fault_point("vm:runs");
    return guest;
}

}  // namespace kiln::qemu
