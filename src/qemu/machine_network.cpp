#include "qemu/machine_network.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace kiln::qemu {

namespace {

/// A socket bound to a port that nobody has; the number is free again once it is closed.
os::Fd bind_free(const std::string& protocol) {
    os::Fd bound{
        ::socket(AF_INET, (protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0)};
    if (!bound) {
        throw_errno("make a socket");
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bind(2)
    if (::bind(bound.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw_errno("find a free port");
    }
    return bound;
}

std::uint16_t port_of(const os::Fd& bound) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): getsockname(2)
    if (::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw_errno("look at a socket");
    }
    return ntohs(address.sin_port);
}

}  // namespace

std::vector<Forward> LoopbackNetwork::forwards(const std::vector<Port>& ports) {
    std::vector<os::Fd> held;  // all at once, so that no number comes twice
    std::vector<Forward> found;
    for (const auto& port : ports) {
        held.push_back(bind_free(port.protocol));
        found.push_back({port, "127.0.0.1", port_of(held.back())});
    }
    return found;
}

std::vector<Forward> forwards_at(const std::string& address, const std::vector<Port>& ports) {
    std::vector<Forward> found;
    found.reserve(ports.size());
    for (const auto& port : ports) {
        found.push_back({port, address, port.number});
    }
    return found;
}

}  // namespace kiln::qemu
