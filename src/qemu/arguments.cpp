#include "qemu/arguments.hpp"

#include "base/error.hpp"
#include "images/qemu_option.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::qemu {

namespace {

constexpr std::uint16_t kSsh = 22;

std::string user_network(const std::vector<Forward>& forwards) {
    std::string text = "user,id=net0,ipv6=off";
    for (const auto& forward : forwards) {
        text += fmt::format(
            ",hostfwd={}:{}:{}-:{}",
            forward.guest.protocol,
            forward.address,
            forward.port,
            forward.guest.number
        );
    }
    return text;
}

std::vector<std::string> start_arguments(const images::Machine& start, bool arm) {
    switch (start.firmware) {
        case images::Firmware::bios:
            return {};
        case images::Firmware::uefi:
            return {"-bios", start.uefi.string()};
        case images::Firmware::kernel:
            break;
    }
    std::vector<std::string> arguments{
        "-kernel",
        start.kernel.string(),
        "-append",
        fmt::format("root=/dev/vda rw console={} panic=-1", arm ? "ttyAMA0" : "ttyS0")};
    if (start.initrd) {
        arguments.insert(arguments.end(), {"-initrd", start.initrd->string()});
    }
    return arguments;
}

std::vector<std::string> board_arguments(const MachineSpec& spec, bool arm) {
    const bool kvm = spec.accelerator == images::Accelerator::kvm;
    return {
        arm ? "qemu-system-aarch64" : "qemu-system-x86_64",
        "-name",
        spec.name,
        "-machine",
        arm ? "virt" : "pc,graphics=off",
        "-accel",
        kvm ? "kvm" : "tcg",
        "-cpu",
        kvm ? "host" : "max",
        "-smp",
        std::to_string(spec.vcpus),
        "-m",
        fmt::format("{}M", spec.memory.count >> 20),
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-action",
        "reboot=shutdown,panic=shutdown",
        "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-pidfile",
        spec.pid_file.string()};
}

}  // namespace

std::vector<Port> open_ports(const std::vector<ports::IngressRule>& rules) {
    std::vector<Port> ports;
    for (const auto& rule : rules) {
        if (rule.protocol != "tcp" && rule.protocol != "udp") {
            continue;
        }
        for (unsigned number = rule.from_port; number <= rule.to_port; ++number) {
            if (number != 0) {
                ports.push_back({rule.protocol, static_cast<std::uint16_t>(number)});
            }
        }
    }
    std::ranges::sort(ports);
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    const Port ssh{"tcp", kSsh};
    std::erase(ports, ssh);
    ports.insert(ports.begin(), ssh);
    if (ports.size() > kMostPorts) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "its security groups open {} ports; a vm.* instance has at most {}",
                ports.size(),
                kMostPorts
            )}
            .hint("open single ports or short ranges, or take a ct.* type");
    }
    return ports;
}

std::vector<std::string> instance_arguments(const MachineSpec& spec) {
    const bool arm = spec.architecture == "arm64";
    auto arguments = board_arguments(spec, arm);
    const auto add = [&](const std::vector<std::string>& more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
    };
    add(
        {"-chardev",
         fmt::format("socket,id=monitor,fd={}", spec.monitor_fd),
         "-mon",
         "chardev=monitor,mode=control",
         "-chardev",
         "stdio,id=console,signal=off",
         "-serial",
         "chardev:console",
         "-blockdev",
         "driver=qcow2,node-name=root,discard=unmap,file.driver=file,file.filename=" +
             images::qemu_value(spec.disk),
         "-device",
         "virtio-blk-pci,drive=root,bootindex=1",
         "-blockdev",
         "driver=raw,node-name=seed,read-only=on,file.driver=file,file.filename=" +
             images::qemu_value(spec.seed),
         "-device",
         "virtio-blk-pci,drive=seed",
         "-netdev",
         user_network(spec.forwards),
         "-device",
         fmt::format("virtio-net-pci,netdev=net0,mac={},romfile=", kMacAddress),
         "-device",
         "virtio-rng-pci"}
    );
    if (!arm) {
        add({"-device", "pvpanic"});
    }
    add(start_arguments(spec.start, arm));
    return arguments;
}

}  // namespace kiln::qemu
