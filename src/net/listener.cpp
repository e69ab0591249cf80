#include "net/listener.hpp"

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "net/socket_address.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::net {

namespace {

constexpr int kBacklog = 4096;  ///< the kernel takes less if net.core.somaxconn says so
constexpr int kAtOnce = 64;     ///< accepted before others get their turn

/// Closes what is not handed on.
class NewSocket {
  public:
    explicit NewSocket(int fd) : fd_{fd} {
        if (fd_ < 0) {
            throw_errno("make a socket");
        }
    }

    NewSocket(const NewSocket&) = delete;
    NewSocket& operator=(const NewSocket&) = delete;

    ~NewSocket() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }

    /// Sockets that are accepted from this one inherit it.
    void set(int level, int option, int value) {
        if (::setsockopt(fd_, level, option, &value, sizeof value) != 0) {
            throw_errno("set up a socket");
        }
    }

    [[nodiscard]] int get() const { return fd_; }

    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

void set_options(NewSocket& socket, const SocketAddress& address) {
    socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
    if (!address.ipv4()) {
        socket.set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    }
    socket.set(IPPROTO_TCP, TCP_NODELAY, 1);
    // A client whose machine vanished while it waited is found out after two minutes.
    socket.set(SOL_SOCKET, SO_KEEPALIVE, 1);
    socket.set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    socket.set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    socket.set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

[[noreturn]] void bind_failed(int why, const std::string& name) {
    const auto doing = fmt::format("listen on {}", name);
    if (why == EADDRINUSE) {
        throw Error{ErrorKind::conflict, fmt::format("{}: the port is in use", doing)}.hint(
            "stop the program that has it (ss -ltnp shows it), or choose another port; 0 is any"
        );
    }
    if (why == EADDRNOTAVAIL) {
        throw Error{
            ErrorKind::invalid, fmt::format("{}: this machine does not have that address", doing)}
            .hint("ip address shows those that it has");
    }
    if (why == EACCES) {
        throw Error{ErrorKind::denied, fmt::format("{}: not permitted", doing)}.hint(
            "ports below 1024 need CAP_NET_BIND_SERVICE"
        );
    }
    throw Error::from_errno(why, doing);
}

bool is_lack(int why) {
    return why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM;
}

}  // namespace

Listener::Listener(ServerLoop& loop, const std::string& address, std::uint16_t port, AddressMay may)
    : loop_{loop}, acceptor_{loop.io}, pause_{loop.io} {
    auto at = SocketAddress::parse(address, port);
    NewSocket socket{::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    set_options(socket, at);
    if (may == AddressMay::come_later) {
        socket.set(IPPROTO_IP, IP_FREEBIND, 1);
    }
    if (::bind(socket.get(), at.get(), at.size()) != 0 || ::listen(socket.get(), kBacklog) != 0) {
        bind_failed(errno, at.text());
    }
    at = SocketAddress::of(socket.get());
    port_ = at.port();
    name_ = at.text();
    acceptor_.assign(at.ipv4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), socket.get());
    socket.release();
}

void Listener::start() {
    acceptor_.async_wait(asio::socket_base::wait_read, [this](const ErrorCode& error) {
        if (!error) {
            accept_waiting();
        }
    });
}

void Listener::accept_waiting() {
    resting_ = false;
    for (int i = 0; i < kAtOnce && accept_one(); ++i) {
    }
    if (acceptor_.is_open() && !resting_) {
        start();
    }
}

bool Listener::accept_one() {
    SocketAddress from;
    const int fd = ::accept4(
        acceptor_.native_handle(), from.get(), &from.room(), SOCK_CLOEXEC | SOCK_NONBLOCK
    );
    if (fd >= 0) {
        failures_ = 0;
        loop_.serve(fd, from.ipv4(), from.text(), from.origin());
        return true;
    }
    if (const int why = errno; is_lack(why)) {
        // Lack of descriptors is found out before lack of connections.
        pollfd asked{acceptor_.native_handle(), POLLIN, 0};
        if (::poll(&asked, 1, 0) == 1) {
            rest(why);
        } else {
            failures_ = 0;
        }
        return false;
    }
    // Anything else is about the one connection, which has ended already.
    return errno != EAGAIN;
}

/// The connections that wait stay in the kernel's queue meanwhile.
void Listener::rest(int why) {
    using std::chrono::milliseconds;
    const bool freed = why == EMFILE && loop_.give_up_idle();
    const auto pause =
        freed ? milliseconds{1} : backoff(failures_, milliseconds{20}, milliseconds{1000}, 1.0);
    if (failures_++ == 0) {
        log_warning(
            "no connection can be accepted, trying again",
            {{"listening", name_}, {"error", std::generic_category().message(why)}}
        );
    }
    resting_ = true;
    pause_.expires_after(pause);
    pause_.async_wait([this](const ErrorCode& error) {
        if (!error) {
            accept_waiting();
        }
    });
}

void Listener::close() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

}  // namespace kiln::net
