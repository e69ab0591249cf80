#pragma once

#include "base/bytes.hpp"
#include "images/boot_test.hpp"
#include "ports/instances.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// What QEMU is told of an instance. Pure.
namespace kiln::qemu {

/// A port of the guest that can be reached from outside.
struct Port {
    std::string protocol;  ///< "tcp", "udp"
    std::uint16_t number = 0;

    auto operator<=>(const Port&) const = default;
};

/// Where a port of the guest is found on this side of QEMU's user network.
struct Forward {
    Port guest;
    std::string address;  ///< IPv4
    std::uint16_t port = 0;
};

/// More than this many make QEMU slow, one listening socket each.
inline constexpr std::size_t kMostPorts = 256;

/// Of every machine's card: each is alone in its network. cloud-init finds the card by it.
inline constexpr const char* kMacAddress = "52:54:00:12:34:56";

/// SSH first, then what the rules open, each once. ICMP is not among them: QEMU's user network does
/// not let it in.
/// @throws Error  invalid: more than kMostPorts
[[nodiscard]] std::vector<Port> open_ports(const std::vector<ports::IngressRule>& rules);

struct MachineSpec {
    std::string name;  ///< the instance's id
    unsigned vcpus = 1;
    Bytes memory;
    images::Accelerator accelerator = images::Accelerator::emulation;
    std::string architecture = "x86_64";  ///< EC2's word
    images::Machine start;                ///< how it starts; its `disk` is not looked at
    std::filesystem::path disk;           ///< qcow2
    std::filesystem::path seed;           ///< an ISO image, read-only
    std::filesystem::path pid_file;
    int monitor_fd = 3;  ///< a stream socket that speaks QMP
    std::vector<Forward> forwards;
};

/// The argument vector. The serial console is stdout. The guest's reset ends QEMU, and its events
/// say why. QEMU itself may start no program and gain no privilege.
[[nodiscard]] std::vector<std::string> instance_arguments(const MachineSpec& spec);

}  // namespace kiln::qemu
