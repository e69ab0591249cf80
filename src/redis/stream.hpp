#pragma once

#include "base/deadline.hpp"
#include "os/fd.hpp"
#include "redis/location.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace kiln::redis {

class Tls;

/// Ends a wait from another thread.
class Bell {
  public:
    Bell();
    void ring() noexcept;
    /// True: it rang.
    bool wait(Deadline deadline) const;

    [[nodiscard]] int fd() const noexcept { return event_.get(); }

  private:
    os::Fd event_;
};

/// A connection's bytes, with TLS or without. Used by one thread.
class Stream {
  public:
    /// @throws Error  unavailable: no such host, nobody listens · timed_out · denied: TLS
    Stream(const Location& location, Deadline deadline);
    Stream(Stream&&) noexcept;
    ~Stream();

    /// @throws Error  unavailable: the server has gone · timed_out
    void write(std::string_view bytes, Deadline deadline);

    /// The bytes that are there, one at least; none when the bell rang, or at the deadline.
    /// @throws Error  unavailable: the server has gone
    [[nodiscard]] std::string_view read(Deadline deadline, const Bell* bell = nullptr);

    /// The server has closed it, or says what nobody asked for.
    [[nodiscard]] bool is_stale() const noexcept;

  private:
    void connect(const Location& location, Deadline deadline);
    void begin_tls(const Location& location, Deadline deadline);
    void flush_tls(Deadline deadline);
    void write_raw(std::string_view bytes, Deadline deadline);
    [[nodiscard]] std::string_view read_raw(Deadline deadline, const Bell* bell);

    std::string server_;  ///< for messages
    os::Fd socket_;
    std::string raw_;    ///< of the socket
    std::string plain_;  ///< of TLS
    std::unique_ptr<Tls> tls_;
};

}  // namespace kiln::redis
