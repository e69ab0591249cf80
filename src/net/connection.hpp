#pragma once

#include "net/asio.hpp"
#include "net/server_loop.hpp"
#include "net/time_outs.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/asio/ssl/stream.hpp>

namespace kiln::net {

/// The bytes of one connection, with TLS or without. The loop's thread alone; one read and one
/// write at a time. Errors are ends: what the socket said is of no use to a server.
class Connection {
  public:
    /// @param waiter  whose waits the time-outs are about
    Connection(ServerLoop& loop, TimeOuts::Waiter& waiter, Socket socket);

    [[nodiscard]] bool secure() const noexcept { return tls_ != nullptr; }

    /// At once for one without TLS. @returns false: it failed
    Task<bool> handshake();

    /// What came, at least a byte; valid until the next thing happens. "": nothing comes any more.
    Task<std::string_view> read();

    /// One after the other, in one go where that is possible. @returns false: the client is gone
    Task<bool> write(std::string_view first, std::string_view second);

    /// Says that nothing more will come, and waits a while until the client has done so too: a
    /// socket closed with unread bytes would take the answer back.
    Task<void> farewell();

    enum class Peer { quiet, sends, gone };

    /// What the client is up to, without reading.
    [[nodiscard]] Peer peer();
    /// Calls it when there is something to read, or the connection ends.
    void when_readable(std::function<void()> call);

    /// Ends the wait that is under way, as if nothing came any more.
    void interrupt();
    void close();

  private:
    using Tls = asio::ssl::stream<Socket&>;

    std::string_view receive();
    std::ptrdiff_t send(std::string_view first, std::string_view second);
    Task<bool> write_plain(std::string_view first, std::string_view second);
    Task<bool> write_tls(std::string_view bytes);

    ServerLoop& loop_;
    TimeOuts::Waiter& waiter_;
    Socket socket_;
    std::unique_ptr<Tls> tls_;
    std::vector<char> tls_read_;
};

}  // namespace kiln::net
