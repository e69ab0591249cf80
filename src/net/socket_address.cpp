#include "net/socket_address.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace kiln::net {

namespace {

const sockaddr_in& v4(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in&>(storage);
}

const sockaddr_in6& v6(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in6&>(storage);
}

/// The four bytes of an IPv4 address, in either clothes; nullptr: it is none.
const std::uint8_t* ipv4_bytes(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET) {
        return reinterpret_cast<const std::uint8_t*>(&v4(storage).sin_addr);
    }
    const auto& address = v6(storage).sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(&address) ? address.s6_addr + 12 : nullptr;
}

}  // namespace

SocketAddress SocketAddress::parse(const std::string& address, std::uint16_t port) {
    SocketAddress made;
    auto& four = reinterpret_cast<sockaddr_in&>(made.storage_);
    const auto* literal = address == "localhost" ? "127.0.0.1" : address.c_str();
    if (::inet_pton(AF_INET, literal, &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        made.room_ = sizeof four;
        return made;
    }
    made.storage_ = {};
    auto& six = reinterpret_cast<sockaddr_in6&>(made.storage_);
    if (::inet_pton(AF_INET6, literal, &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        made.room_ = sizeof six;
        return made;
    }
    throw Error{ErrorKind::invalid, fmt::format("'{}' is not an address to listen on", address)}
        .hint("an IPv4 or IPv6 address: 127.0.0.1 is this machine alone, 0.0.0.0 and :: are all");
}

SocketAddress SocketAddress::of(int fd) {
    SocketAddress found;
    if (::getsockname(fd, found.get(), &found.room()) != 0) {
        throw_errno("ask for a socket's address");
    }
    return found;
}

std::uint16_t SocketAddress::port() const noexcept {
    return ntohs(ipv4() ? v4(storage_).sin_port : v6(storage_).sin6_port);
}

std::string SocketAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (const auto* bytes = ipv4_bytes(storage_)) {
        ::inet_ntop(AF_INET, bytes, text.data(), text.size());
        return fmt::format("{}:{}", text.data(), port());
    }
    ::inet_ntop(AF_INET6, &v6(storage_).sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), port());
}

Origin SocketAddress::origin() const noexcept {
    Origin origin{};
    if (const auto* bytes = ipv4_bytes(storage_)) {
        std::copy_n(bytes, 4, origin.begin());
        origin.back() = 4;  // apart from a network of IPv6 that begins with the same bytes
    } else {
        std::copy_n(v6(storage_).sin6_addr.s6_addr, origin.size(), origin.begin());
    }
    return origin;
}

}  // namespace kiln::net
