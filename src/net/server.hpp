#pragma once

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "net/http.hpp"
#include "net/responder.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kiln::net {

/// PEM files: a certificate with its chain, and its key.
struct TlsFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;
};

/// Where a server listens, and what it bears. Nothing is unlimited.
struct ServerOptions {
    std::string address = "127.0.0.1";  ///< IPv4 or IPv6; "::" is both
    std::uint16_t port = 0;             ///< 0: any free one
    /// An IPv4 address that is listened on besides, on the same port, whether the machine has it by
    /// then or not. "": none
    std::string also;
    unsigned handler_threads = 4;

    Bytes max_header{64U << 10};   ///< request line and all fields; over it 431
    Bytes max_body{2U << 20};      ///< of one request; over it 413
    Bytes max_bodies{256U << 20};  ///< of all unanswered requests together; over it 503
    Bytes max_stream_buffer{
        1U << 20};  ///< unsent bytes of one stream; over it the reader is cut off

    std::chrono::milliseconds header_timeout{10'000};  ///< from a request's first byte; 408
    std::chrono::milliseconds body_timeout{30'000};    ///< for each 64 KiB of a body; 408
    std::chrono::milliseconds write_timeout{30'000};   ///< for each 64 KiB of an answer; cut off
    std::chrono::milliseconds idle_timeout{75'000};    ///< between two requests

    /// After so long without an answer it is asked whether the client is still there, for
    /// `on_gone`.
    std::chrono::milliseconds watch_after{1'000};

    unsigned max_connections = 16'384;              ///< over it 503
    unsigned max_connections_per_address = 12'288;  ///< over it 429
    unsigned max_waiting = 4'096;  ///< requests that wait for a handler thread; over it 503

    std::optional<TlsFiles> tls;
};

/// Called on a handler thread. May block, for a short time: there are `handler_threads` of them.
/// What it throws is logged, and answered with 500 if the responder was not used.
using Handler = std::function<void(Request, Responder)>;

/// What a server has done and has open, for /metrics. All but the gauges only grow.
struct ServerCounters {
    std::uint64_t connections_open = 0;  ///< gauge
    std::uint64_t connections_accepted = 0;
    std::uint64_t requests = 0;  ///< given to the handler
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t waiting = 0;    ///< gauge: requests that wait for a handler thread
    std::uint64_t answering = 0;  ///< gauge: requests that were handed over and have no answer yet
    std::uint64_t parked = 0;     ///< gauge: requests whose handler returned without an answer
    std::uint64_t streams = 0;    ///< gauge: answers that are being streamed

    /// What was refused, by the limit that it was over.
    struct Refused {
        std::uint64_t malformed = 0;                   ///< 400, 501, 505
        std::uint64_t header_size = 0;                 ///< 431
        std::uint64_t body_size = 0;                   ///< 413
        std::uint64_t too_slow = 0;                    ///< 408, and slow readers
        std::uint64_t connections = 0;                 ///< 503
        std::uint64_t connections_of_one_address = 0;  ///< 429
        std::uint64_t waiting = 0;                     ///< 503
        std::uint64_t memory = 0;                      ///< 503
        std::uint64_t draining = 0;                    ///< 503
    } refused;
};

/// An HTTP/1.1 server: one thread that waits for all connections, and a pool of handler threads.
/// Safe from several threads.
class Server {
  public:
    /// Binds, and serves from here on.
    /// @throws Error  invalid: address, limits, certificate or key
    ///                conflict: the port is in use · denied: the port needs a privilege
    ///                exhausted, unavailable: no more threads or descriptors
    Server(ServerOptions options, Handler handler);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// As `shutdown` with a deadline that has passed.
    ~Server();

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// "http://127.0.0.1:8080", with the port that was bound.
    [[nodiscard]] std::string url() const;

    [[nodiscard]] ServerCounters counters() const;

    /// Ends it, in order: accepts no more, and closes connections that are idle; calls
    /// `on_draining`, in which owners answer what they have parked and close their streams; waits
    /// until all handlers have returned and all requests are answered, at most until `deadline`;
    /// answers 503 to those that are still unanswered and cuts streams; ends its threads.
    /// A handler that blocks beyond the deadline is waited for. To be called once, by one thread
    /// that is none of the server's own.
    void shutdown(Deadline deadline, const std::function<void()>& on_draining = {});

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::net
