#include "compute/keeper_call.hpp"

#include "base/error.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

namespace kiln::compute {

namespace {

/// An abstract name: it goes with its socket, and needs no file.
std::pair<sockaddr_un, socklen_t> address_of(const InstanceId& id) {
    const auto name = "kiln-keeper/" + id.str();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    return {address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())};
}

os::Fd datagram_socket() {
    os::Fd made{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!made) {
        throw_errno("make a socket");
    }
    return made;
}

}  // namespace

os::Fd listen_for_calls(const InstanceId& id) {
    auto made = datagram_socket();
    const auto [address, size] = address_of(id);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        if (errno == EADDRINUSE) {
            throw Error{ErrorKind::conflict, id.str() + " is kept by another process"};
        }
        throw_errno("bind the keeper's socket");
    }
    return made;
}

void take_calls(const os::Fd& calls) noexcept {
    char byte = 0;
    while (::recv(calls.get(), &byte, 1, 0) >= 0) {
    }
}

void call_keeper(const InstanceId& id) noexcept {
    try {
        const auto made = datagram_socket();
        const auto [address, size] = address_of(id);
        (void)::sendto(
            made.get(), "", 1, MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size
        );
    } catch (const Error&) {
        // It looks at its record from time to time.
    }
}

}  // namespace kiln::compute
