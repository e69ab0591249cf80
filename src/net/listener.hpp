#pragma once

#include "net/asio.hpp"
#include "net/server_loop.hpp"

#include <cstdint>
#include <string>

namespace kiln::net {

/// Whether an address has to be this machine's by now.
enum class AddressMay { be_there, come_later };

/// The socket that a server listens on. Made on any thread, then the loop's thread alone.
class Listener {
  public:
    /// Binds and listens.
    /// @throws Error  invalid: address · conflict: the port is in use · denied: the port needs a
    ///                privilege
    Listener(
        ServerLoop& loop,
        const std::string& address,
        std::uint16_t port,
        AddressMay may = AddressMay::be_there
    );

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// "127.0.0.1:8080", "[::1]:8080"
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Gives what connects to the loop, until `close`. Lack of descriptors or memory is waited out.
    void start();
    void close();

  private:
    void accept_waiting();
    /// @returns false: no more for now
    bool accept_one();
    void rest(int why);

    ServerLoop& loop_;
    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor_;
    Timer pause_;
    unsigned failures_ = 0;  ///< in a row
    bool resting_ = false;
    std::uint16_t port_ = 0;
    std::string name_;
};

}  // namespace kiln::net
