#pragma once

#include "net/admission.hpp"

#include <cstdint>
#include <string>

#include <sys/socket.h>

namespace kiln::net {

/// An IPv4 or IPv6 address with its port, as the kernel has them.
class SocketAddress {
  public:
    SocketAddress() = default;

    /// @throws Error  invalid: neither an address nor "localhost"
    static SocketAddress parse(const std::string& address, std::uint16_t port);
    /// What a socket is bound to.
    static SocketAddress of(int fd);

    [[nodiscard]] int family() const noexcept { return storage_.ss_family; }

    [[nodiscard]] bool ipv4() const noexcept { return family() == AF_INET; }

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// "127.0.0.1:80", "[::1]:80"; an IPv4 address that came in IPv6's clothes is one.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] Origin origin() const noexcept;

    // For the kernel.
    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage_); }

    [[nodiscard]] socklen_t size() const noexcept { return room_; }

    socklen_t& room() noexcept { return room_; }

  private:
    sockaddr_storage storage_{};
    socklen_t room_ = sizeof storage_;
};

}  // namespace kiln::net
