#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace kiln::net {

class Outbox;
class StreamBuffer;

/// An answer that is sent piece by piece, as it comes about (server-sent events, logs). Move-only;
/// any thread, several at once. Dropped without `close()`, it cuts the connection, so that the
/// client knows that the answer is not whole. Outlives its server harmlessly.
class Stream {
  public:
    explicit Stream(std::shared_ptr<StreamBuffer> buffer) noexcept;
    Stream(Stream&&) noexcept = default;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    /// Queues a piece and returns at once.
    /// @returns false: the client is gone, or was cut off because it reads too slowly; nothing that
    ///          is written now or later will arrive
    bool write(std::string_view piece);

    /// Bytes that were written and that the connection has not taken yet.
    [[nodiscard]] std::size_t unsent() const;

    /// Calls `drained` when nothing is unsent, or nobody reads any more: once, at once if it is so
    /// already, else on the server's thread. It must not block, nor use this stream.
    void when_drained(std::function<void()> drained);

    /// Is anybody there to read? False as soon as `write` would say so.
    [[nodiscard]] bool open() const;

    /// The answer is whole; what was queued still goes out. Further writes return false.
    void close();

  private:
    std::shared_ptr<StreamBuffer> buffer_;
};

/// The duty to answer one request: to be used exactly once, from any thread, now or later.
/// Dropped unused, it answers 500, so that no client hangs on a bug.
/// Outlives its server harmlessly: what is sent then goes nowhere.
class Responder {
  public:
    Responder(std::shared_ptr<Outbox> outbox, std::uint64_t session) noexcept;
    /// One whose answer goes to a function, once, on the thread that answers: for what is asked
    /// from within the process. Streams end at once.
    [[nodiscard]] static Responder within(std::function<void(const Response&)> answered);
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder();

    /// Content-Length, Connection and Date are set by the server, and Transfer-Encoding is removed.
    /// A header field that cannot stand in HTTP (line break, NUL, bad name) is answered with 500,
    /// and logged.
    void send(Response response);

    /// Sends status and headers now, the body through the stream; `head.body` is its first piece.
    /// To a HEAD request the stream is closed from the start.
    [[nodiscard]] Stream stream(Response head);

    /// `gone` is called when the client has hung up before the answer was complete: at most once,
    /// on the server's thread (it must not block; it may use this responder or its stream, if it
    /// synchronizes with whoever else does). It is noticed from
    /// `ServerOptions::watch_after` on. A client that
    /// only closed its sending side counts as gone, and gets what is sent all the same. To be
    /// called before `send` or `stream`; `gone` is dropped when the answer is complete.
    void on_gone(std::function<void()> gone);

    /// `seen` is called once, with what is answered (a stream's head), when it is answered; for
    /// logs and counts. It must not block nor throw. In place of the one set before.
    void observe(std::function<void(const Response&)> seen);

    /// Not used yet, and not moved from?
    [[nodiscard]] explicit operator bool() const noexcept { return outbox_ != nullptr; }

  private:
    void tell_seen(const Response& response);

    std::shared_ptr<Outbox> outbox_;
    std::uint64_t session_ = 0;
    std::function<void(const Response&)> seen_;
};

}  // namespace kiln::net
