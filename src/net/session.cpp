#include "net/session.hpp"

#include "base/log.hpp"
#include "net/stream_buffer.hpp"

#include <exception>

#include <fmt/format.h>

namespace kiln::net {

namespace {

constexpr Awaited kAwait;
constexpr std::size_t kPiece = 64U << 10;  ///< the body time-out is for so much

Response later(Response response) {
    response.headers.set("Retry-After", "1");
    return response;
}

}  // namespace

Session::Session(
    ServerLoop& loop,
    std::uint64_t id,
    Socket socket,
    std::string peer,
    std::optional<Response> refusal
)
    : loop_{loop},
      id_{id},
      connection_{loop, *this, std::move(socket)},
      peer_{std::move(peer)},
      reader_{{loop.options.max_header.count, loop.options.max_body.count}},
      refusal_{std::move(refusal)} {}

Session::~Session() = default;

Task<void> Session::run(std::shared_ptr<Session> self) {
    bool more = co_await self->connection_.handshake();
    const bool greeted = more;
    while (more) {
        more = co_await self->read_request();
        if (!more) {
            co_return;
        }
        more = co_await self->answer_request();
    }
    if (greeted && !self->cut_) {
        co_await self->connection_.farewell();
    }
}

// Reading

/// @returns false: the connection has ended; true: `answer_` is set, or the reader has a request
Task<bool> Session::read_request() {
    reader_.next();
    idle_ = reader_.untouched();
    body_mark_ = 0;
    bool continued = false;
    loop_.begin(*this, idle_ ? TimeOuts::Kind::idle : TimeOuts::Kind::header);
    while (reader_.state() != RequestReader::State::complete) {
        if (reader_.state() == RequestReader::State::failed) {
            refuse_failed();
            co_return true;
        }
        if (reader_.state() == RequestReader::State::body) {
            if (refused_early()) {
                co_return true;
            }
            if (!continued && reader_.wants_continue() && reader_.body_size() == 0) {
                continued = true;
                const bool sent = co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n", "");
                if (!sent) {
                    co_return false;
                }
                loop_.begin(*this, TimeOuts::Kind::body);
            }
        }
        const bool came = co_await read_more();
        if (!came) {
            co_return answer_.has_value();
        }
    }
    (void)refused_early();
    co_return true;
}

/// @returns false: nothing comes any more, or it came too slowly and `answer_` says so
Task<bool> Session::read_more() {
    const auto before = reader_.state();
    const auto bytes = co_await connection_.read();
    const bool too_late = std::exchange(too_late_, false);
    if (too_late && !cut_ && !reader_.untouched()) {
        refuse(loop_.counts.too_slow, refusal(408, "timed_out", "the request came too slowly"));
        co_return false;
    }
    if (bytes.empty() || cut_) {
        co_return false;
    }
    const auto state = reader_.feed(bytes);
    if (std::exchange(idle_, false)) {
        loop_.begin(*this, TimeOuts::Kind::header);
    }
    if (state == RequestReader::State::body &&
        (before != state || reader_.body_size() >= body_mark_ + kPiece)) {
        body_mark_ = reader_.body_size();
        loop_.begin(*this, TimeOuts::Kind::body);
    }
    co_return !over_memory();
}

bool Session::over_memory() {
    const auto size = reader_.body_size();
    loop_.body_bytes += size - std::min(size, held_);
    held_ = std::max(size, held_);
    if (loop_.body_bytes <= loop_.options.max_bodies.count) {
        return false;
    }
    refuse(
        loop_.counts.memory,
        later(refusal(503, "exhausted", "the server holds as many request bodies as it can"))
    );
    return true;
}

void Session::refuse(Count& count, Response response) {
    count.add();
    keep_alive_ = false;
    answer_ = std::move(response);
}

void Session::refuse_failed() {
    const auto& failure = reader_.failure();
    auto& counts = loop_.counts;
    auto& count = failure.status == 431   ? counts.header_size
                  : failure.status == 413 ? counts.body_size
                                          : counts.malformed;
    refuse(count, refusal(failure.status, "invalid", failure.message));
}

/// What needs no body to be refused.
bool Session::refused_early() {
    if (refusal_) {
        keep_alive_ = false;
        answer_ = *refusal_;
    } else if (loop_.draining) {
        refuse(
            loop_.counts.draining, later(refusal(503, "unavailable", "the server is shutting down"))
        );
    }
    return answer_.has_value();
}

// Answering

void Session::hand_over() {
    keep_alive_ = reader_.keep_alive();
    auto request = reader_.take();
    request.peer = peer_;
    request.secure = connection_.secure();
    Responder responder{loop_.outbox, id_};
    loop_.counts.answering.add();
    handed_over_ = true;
    if (loop_.pool.submit(std::move(request), std::move(responder))) {
        loop_.counts.requests.add();
    } else {
        loop_.counts.waiting.add();
        responder.send(later(refusal(503, "exhausted", "too many requests wait for this server")));
    }
}

/// @returns whether the connection goes on
Task<bool> Session::answer_request() {
    if (!answer_) {
        hand_over();
    }
    while (!answer_ && !cut_) {
        co_await wait();
    }
    bool sent = false;
    if (cut_) {
        client_gone();
    } else if (stream_) {
        sent = co_await send_stream();
    } else {
        sent = co_await send_answer();
    }
    if (stream_ && !sent) {
        client_gone();
    }
    finish_answer();
    if (!sent) {
        cut_ = true;
    }
    co_return sent&& keep_alive_ && !loop_.draining;
}

Framing Session::framing(Framing::Body body, std::uint64_t size) const {
    return {
        .body = body,
        .size = size,
        .keep_alive = keep_alive_ && !loop_.draining,
        .http_1_1 = reader_.http_1_1(),
        .date = loop_.date()};
}

Task<bool> Session::send_answer() {
    const auto frame = framing(Framing::Body::sized, answer_->body.size());
    const auto head = head_text(*answer_, frame);
    const bool bare = reader_.head_method() || never_has_body(answer_->status);
    const std::string_view body = bare ? std::string_view{} : answer_->body;
    co_return co_await connection_.write(head, body);
}

Task<bool> Session::send_stream() {
    const bool chunked = reader_.http_1_1();
    keep_alive_ = keep_alive_ && chunked;
    const auto frame = framing(chunked ? Framing::Body::chunked : Framing::Body::until_close, 0);
    std::string text = head_text(*answer_, frame);
    if (reader_.head_method() || never_has_body(answer_->status)) {
        stream_->reader_gone();
        co_return co_await connection_.write(text, "");
    }
    std::string piece = std::move(answer_->body);
    for (bool head_due = true, last = false; !last; head_due = false) {
        auto taken = stream_->take();
        last = taken.last;
        piece += taken.bytes;
        if (taken.too_slow) {
            loop_.counts.too_slow.add();
        }
        if (taken.cut || cut_ || (gone_ && !head_due)) {
            co_return false;
        }
        if (!piece.empty() && chunked) {
            fmt::format_to(std::back_inserter(text), "{:x}\r\n", piece.size());
            piece += "\r\n";
        }
        if (last && chunked) {
            piece += "0\r\n\r\n";
        }
        if (!text.empty() || !piece.empty()) {
            const bool sent = co_await connection_.write(text, piece);
            if (!sent) {
                co_return false;
            }
            text = {};
            piece = {};
        } else if (!last) {
            co_await wait();
        }
    }
    co_return true;
}

void Session::finish_answer() {
    if (std::exchange(handed_over_, false)) {
        loop_.counts.answering.take();
    }
    if (stream_) {
        loop_.counts.streams.take();
    }
    loop_.body_bytes -= std::exchange(held_, 0);
    answer_.reset();
    stream_.reset();
    on_gone_ = nullptr;
    gone_ = false;
    loop_.answer_finished();
}

// Waiting for other threads

auto Session::async_wake(const Awaited& token) {
    return asio::async_initiate<const Awaited&, void()>(
        [this](Wake wake) { wake_.emplace(std::move(wake)); }, token
    );
}

Task<void> Session::wait() {
    if (!woken_) {
        waiting_ = true;
        loop_.begin(*this, TimeOuts::Kind::parked);
        co_await async_wake(kAwait);
        waiting_ = false;
        loop_.end(*this);
    }
    woken_ = false;
}

void Session::wake() {
    if (!wake_) {
        woken_ = true;
        return;
    }
    auto wake = std::move(*wake_);
    wake_.reset();
    woken_ = true;
    std::move(wake)();
}

void Session::deliver(Message& message) {
    if (auto* gone = std::get_if<Message::Gone>(&message.what)) {
        on_gone_ = std::move(*gone);
        if (gone_) {
            client_gone();
        }
        return;
    }
    if (auto* response = std::get_if<Response>(&message.what)) {
        if (answer_) {
            return;  // answered by force
        }
        answer_ = std::move(*response);
    } else if (auto* stream = std::get_if<Message::Stream>(&message.what)) {
        if (answer_) {
            stream->buffer->reader_gone();
            return;
        }
        answer_ = std::move(stream->head);
        stream_ = std::move(stream->buffer);
        loop_.counts.streams.add();
    }
    wake();
}

void Session::time_is_over(TimeOuts::Kind kind) {
    if (kind == TimeOuts::Kind::parked) {
        look_for_client();
        return;
    }
    if (kind == TimeOuts::Kind::write) {
        loop_.counts.too_slow.add();
        cut();
        return;
    }
    too_late_ = true;
    connection_.interrupt();
}

/// While an answer is awaited nothing is read; whether the client is still there is asked after a
/// while, so that short waits cost nothing.
void Session::look_for_client() {
    if (!waiting_ || gone_) {
        return;
    }
    switch (connection_.peer()) {
        case Connection::Peer::gone:
            client_gone();
            return;
        case Connection::Peer::sends:  // its next request: only asking again helps
            loop_.begin(*this, TimeOuts::Kind::parked);
            return;
        case Connection::Peer::quiet:
            if (!std::exchange(watching_, true)) {
                connection_.when_readable([self = shared_from_this()] {
                    self->watching_ = false;
                    self->look_for_client();
                });
            }
            return;
    }
}

void Session::client_gone() {
    const auto self = shared_from_this();
    gone_ = true;
    if (const auto call = std::exchange(on_gone_, nullptr)) {
        try {
            call();
        } catch (const std::exception& error) {  // not ours, and this is the loop
            log_error("a callback failed", {{"callback", "on_gone"}, {"error", error.what()}});
        }
    }
    if (stream_) {
        stream_->reader_gone();
        wake();
    }
}

void Session::answer_by_force() {
    if (stream_) {
        cut();
    } else if (handed_over_ && !answer_) {
        loop_.counts.draining.add();
        answer_ = later(refusal(503, "unavailable", "the server is shutting down"));
        wake();
    }
}

void Session::cut() {
    cut_ = true;
    connection_.close();
    wake();
}

}  // namespace kiln::net
