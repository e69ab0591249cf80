#pragma once

#include "net/asio.hpp"
#include "net/outbox.hpp"
#include "net/responder.hpp"
#include "net/stream_buffer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace kiln::net::testing {

/// What a handler answers, without a socket. For one test's thread; the handler may be elsewhere.
class CapturedAnswer {
  public:
    explicit CapturedAnswer(std::size_t stream_limit = std::size_t{1} << 20)
        : outbox_{std::make_shared<Outbox>(loop_, stream_limit, [this](Message& message) {
              if (auto* whole = std::get_if<Response>(&message.what)) {
                  response_ = std::move(*whole);
              } else if (auto* begun = std::get_if<Message::Stream>(&message.what)) {
                  response_ = std::move(begun->head);
                  buffer_ = std::move(begun->buffer);
              }
          })} {}

    ~CapturedAnswer() { outbox_->close(); }

    CapturedAnswer(const CapturedAnswer&) = delete;
    CapturedAnswer& operator=(const CapturedAnswer&) = delete;

    [[nodiscard]] Responder responder() { return {outbox_, 1}; }

    /// The answer, or a stream's head, if there is one by now.
    std::optional<Response>& response() {
        deliver();
        return response_;
    }

    /// Waits for the answer.
    Response& wait() {
        while (!response_) {
            run_one();
        }
        return *response_;
    }

    /// Waits until the stream has said so much, or has ended. Each call goes on where the last one
    /// was.
    std::string read(std::size_t bytes) {
        (void)wait();
        while (text_.size() < bytes && !ended()) {
            take();
            if (text_.size() < bytes && !ended()) {
                run_one();
            }
        }
        return std::exchange(text_, {});
    }

    std::string read_all() { return read(std::string::npos); }

    /// Was the stream ended (whole, not cut)?
    [[nodiscard]] bool closed() const noexcept { return closed_; }

    [[nodiscard]] bool ended() const noexcept { return closed_ || cut_; }

    void hang_up() { buffer_->reader_gone(); }

  private:
    void deliver() {
        loop_.restart();
        loop_.poll();
    }

    void run_one() {
        const auto guard = asio::make_work_guard(loop_);
        loop_.restart();
        loop_.run_one();
    }

    void take() {
        if (!buffer_) {
            closed_ = true;
            return;
        }
        auto taken = buffer_->take();
        text_ += taken.bytes;
        closed_ = closed_ || taken.last;
        cut_ = cut_ || taken.cut;
    }

    asio::io_context loop_;
    std::optional<Response> response_;
    std::shared_ptr<StreamBuffer> buffer_;
    std::string text_;
    bool closed_ = false;
    bool cut_ = false;
    std::shared_ptr<Outbox> outbox_;
};

}  // namespace kiln::net::testing
