#include "redis/stream.hpp"

#include "base/error.hpp"
#include "redis/tls.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netdb.h>

#include <fmt/format.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace kiln::redis {

namespace {

constexpr std::size_t kReadBytes = 64U << 10;

/// What happened to a socket that is waited for.
enum class Woken { ready, rung, late };

Woken wait_for(int socket, short events, Deadline deadline, const Bell* bell) {
    std::array<pollfd, 2> fds{
        pollfd{socket, events, 0}, pollfd{bell != nullptr ? bell->fd() : -1, POLLIN, 0}};
    for (;;) {
        const int count = ::poll(fds.data(), fds.size(), deadline.poll_timeout());
        if (count < 0 && errno != EINTR) {
            throw_errno("poll");
        }
        if (count > 0) {
            return fds[0].revents != 0 ? Woken::ready : Woken::rung;
        }
        if (count == 0) {
            return Woken::late;
        }
    }
}

Error gone(const std::string& server, std::string_view why) {
    return Error{
        ErrorKind::unavailable,
        fmt::format("the connection to Redis at {} broke: {}", server, why)};
}

Error late(const std::string& server, std::string_view doing) {
    return Error{
        ErrorKind::timed_out, fmt::format("Redis at {} did not {} in time", server, doing)};
}

struct AddressList {
    addrinfo* first = nullptr;

    AddressList() = default;
    AddressList(const AddressList&) = delete;
    AddressList& operator=(const AddressList&) = delete;

    ~AddressList() {
        if (first != nullptr) {
            ::freeaddrinfo(first);
        }
    }
};

/// 0, or why there is no connection to that address.
int try_connect(const os::Fd& socket, const addrinfo& address, Deadline deadline) {
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (wait_for(socket.get(), POLLOUT, deadline, nullptr) == Woken::late) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

Bell::Bell() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (!event_) {
        throw_errno("make an event");
    }
}

void Bell::ring() noexcept {
    static_cast<void>(::eventfd_write(event_.get(), 1));
}

bool Bell::wait(Deadline deadline) const {
    return wait_for(event_.get(), POLLIN, deadline, nullptr) == Woken::ready;
}

Stream::Stream(const Location& location, Deadline deadline) : server_{location.shown()} {
    connect(location, deadline);
    if (location.tls) {
        begin_tls(location, deadline);
    }
}

Stream::Stream(Stream&&) noexcept = default;
Stream::~Stream() = default;

void Stream::connect(const Location& location, Deadline deadline) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    AddressList addresses;
    const auto port = std::to_string(location.port);
    if (const int failed =
            ::getaddrinfo(location.host.c_str(), port.c_str(), &hints, &addresses.first);
        failed != 0) {
        throw Error{
            ErrorKind::unavailable,
            fmt::format("find Redis' host '{}': {}", location.host, ::gai_strerror(failed))};
    }
    int error = 0;
    for (const auto* each = addresses.first; each != nullptr; each = each->ai_next) {
        os::Fd socket{::socket(
            each->ai_family, each->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, each->ai_protocol
        )};
        if (!socket) {
            throw_errno("make a socket");
        }
        error = try_connect(socket, *each, deadline);
        if (error == 0) {
            const int on = 1;
            ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
            socket_ = std::move(socket);
            return;
        }
    }
    throw Error{
        error == ETIMEDOUT ? ErrorKind::timed_out : ErrorKind::unavailable,
        fmt::format("connect to Redis at {}: {}", server_, std::strerror(error))};
}

void Stream::write_raw(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (wait_for(socket_.get(), POLLOUT, deadline, nullptr) == Woken::late) {
                throw late(server_, "take what was sent");
            }
        } else if (errno != EINTR) {
            throw gone(server_, std::strerror(errno));
        }
    }
}

std::string_view Stream::read_raw(Deadline deadline, const Bell* bell) {
    raw_.resize(kReadBytes);
    for (;;) {
        const auto got = ::recv(socket_.get(), raw_.data(), raw_.size(), 0);
        if (got > 0) {
            return std::string_view{raw_}.substr(0, static_cast<std::size_t>(got));
        }
        if (got == 0) {
            throw gone(server_, "the server closed it");
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (wait_for(socket_.get(), POLLIN, deadline, bell) != Woken::ready) {
                return {};
            }
        } else if (errno != EINTR) {
            throw gone(server_, std::strerror(errno));
        }
    }
}

void Stream::flush_tls(Deadline deadline) {
    write_raw(tls_->outgoing(), deadline);
}

void Stream::begin_tls(const Location& location, Deadline deadline) {
    tls_ = std::make_unique<Tls>(location.host, server_);
    while (!tls_->shake_hands()) {
        flush_tls(deadline);
        const auto bytes = read_raw(deadline, nullptr);
        if (bytes.empty()) {
            throw late(server_, "agree on TLS");
        }
        tls_->incoming(bytes);
    }
    flush_tls(deadline);
}

void Stream::write(std::string_view bytes, Deadline deadline) {
    if (!tls_) {
        write_raw(bytes, deadline);
        return;
    }
    tls_->encrypt(bytes);
    flush_tls(deadline);
}

std::string_view Stream::read(Deadline deadline, const Bell* bell) {
    if (!tls_) {
        return read_raw(deadline, bell);
    }
    for (;;) {
        plain_ = tls_->decrypt();
        flush_tls(deadline);
        if (!plain_.empty()) {
            return plain_;
        }
        const auto bytes = read_raw(deadline, bell);
        if (bytes.empty()) {
            return {};
        }
        tls_->incoming(bytes);
    }
}

bool Stream::is_stale() const noexcept {
    pollfd fd{socket_.get(), POLLIN, 0};
    if (::poll(&fd, 1, 0) == 0) {
        return false;
    }
    if (!tls_) {
        return true;
    }
    // Session tickets may come at any time: only an end makes it stale.
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

}  // namespace kiln::redis
