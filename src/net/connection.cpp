#include "net/connection.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/write.hpp>

#include <poll.h>
#include <sys/socket.h>

namespace kiln::net {

namespace {

constexpr Awaited kAwait;
constexpr std::size_t kPiece = 64U << 10;  ///< the write time-out is for so much
constexpr std::size_t kTlsRead = 4U << 10;
constexpr std::size_t kDiscarded = 1U << 20;  ///< in a farewell

}  // namespace

Connection::Connection(ServerLoop& loop, TimeOuts::Waiter& waiter, Socket socket)
    : loop_{loop}, waiter_{waiter}, socket_{std::move(socket)} {
    if (loop.tls) {
        tls_ = std::make_unique<Tls>(socket_, *loop.tls);
        tls_read_.resize(kTlsRead);
    }
}

Task<bool> Connection::handshake() {
    if (!tls_) {
        co_return true;
    }
    loop_.begin(waiter_, TimeOuts::Kind::header);
    ErrorCode error;
    auto token = asio::redirect_error(kAwait, error);
    co_await tls_->async_handshake(asio::ssl::stream_base::server, token);
    co_return !error;
}

/// What is there already; "": the connection has ended, a view without data: nothing is there.
std::string_view Connection::receive() {
    const auto scratch = loop_.scratch();
    const auto got = ::recv(socket_.native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return {};
    }
    return {scratch.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

Task<std::string_view> Connection::read() {
    ErrorCode error;
    auto token = asio::redirect_error(kAwait, error);
    std::string_view came;
    if (tls_) {
        const auto buffer = asio::buffer(tls_read_);
        const std::size_t size = co_await tls_->async_read_some(buffer, token);
        came = {tls_read_.data(), error ? 0 : size};
    } else {
        // No buffer while nothing comes: thousands of connections do nothing but wait here.
        while (!error && came.data() == nullptr) {
            co_await socket_.async_wait(Socket::wait_read, token);
            if (!error) {
                came = receive();
            }
        }
    }
    loop_.counts.received.add(came.size());
    co_return came;
}

/// @returns bytes sent, 0: it would block, -1: the connection has ended
std::ptrdiff_t Connection::send(std::string_view first, std::string_view second) {
    std::array<iovec, 2> parts{};
    parts[0] = {const_cast<char*>(first.data()), first.size()};
    parts[1] = {const_cast<char*>(second.data()), second.size()};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
    }
    loop_.counts.sent.add(static_cast<std::uint64_t>(sent));
    return sent;
}

Task<bool> Connection::write_plain(std::string_view first, std::string_view second) {
    ErrorCode error;
    auto token = asio::redirect_error(kAwait, error);
    std::size_t since = kPiece;  // the first wait begins the time-out
    while (!first.empty() || !second.empty()) {
        const auto sent = send(first, second);
        if (sent < 0) {
            co_return false;
        }
        auto done = static_cast<std::size_t>(sent);
        since += done;
        const auto of_first = std::min(done, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(done - of_first);
        if (first.empty() && second.empty()) {
            break;
        }
        if (since >= kPiece) {
            loop_.begin(waiter_, TimeOuts::Kind::write);
            since = 0;
        }
        co_await socket_.async_wait(Socket::wait_write, token);
        if (error) {
            co_return false;
        }
    }
    co_return true;
}

Task<bool> Connection::write_tls(std::string_view bytes) {
    ErrorCode error;
    auto token = asio::redirect_error(kAwait, error);
    while (!bytes.empty()) {
        loop_.begin(waiter_, TimeOuts::Kind::write);
        const auto piece = asio::buffer(bytes.data(), std::min(bytes.size(), kPiece));
        const std::size_t sent = co_await asio::async_write(*tls_, piece, token);
        if (error) {
            co_return false;
        }
        loop_.counts.sent.add(sent);
        bytes.remove_prefix(sent);
    }
    co_return true;
}

Task<bool> Connection::write(std::string_view first, std::string_view second) {
    if (!tls_) {
        co_return co_await write_plain(first, second);
    }
    std::string joined;
    if (first.size() + second.size() <= kPiece) {  // one record rather than two
        joined.append(first).append(second);
        first = joined;
        second = {};
    }
    const bool good = co_await write_tls(first);
    if (!good) {
        co_return false;
    }
    co_return co_await write_tls(second);
}

Task<void> Connection::farewell() {
    loop_.begin(waiter_, TimeOuts::Kind::farewell);
    ErrorCode error;
    auto token = asio::redirect_error(kAwait, error);
    if (tls_) {
        co_await tls_->async_shutdown(token);
        co_return;
    }
    ::shutdown(socket_.native_handle(), SHUT_WR);
    for (std::size_t discarded = 0; !error && discarded < kDiscarded;) {
        co_await socket_.async_wait(Socket::wait_read, token);
        const auto came = error ? std::string_view{""} : receive();
        if (came.data() != nullptr && came.empty()) {
            break;
        }
        discarded += came.size();
    }
}

Connection::Peer Connection::peer() {
    pollfd asked{socket_.native_handle(), POLLIN | POLLRDHUP, 0};
    if (::poll(&asked, 1, 0) <= 0) {
        return Peer::quiet;
    }
    return (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0 ? Peer::gone : Peer::sends;
}

void Connection::when_readable(std::function<void()> call) {
    socket_.async_wait(Socket::wait_read, [call = std::move(call)](const ErrorCode&) { call(); });
}

void Connection::interrupt() {
    ErrorCode ignored;
    socket_.cancel(ignored);
}

void Connection::close() {
    ErrorCode ignored;
    socket_.close(ignored);
}

}  // namespace kiln::net
