#pragma once

#include "net/connection.hpp"
#include "net/outbox.hpp"
#include "net/request_reader.hpp"
#include "net/response_head.hpp"
#include "net/server_loop.hpp"
#include "net/time_outs.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace kiln::net {

class StreamBuffer;

/// One connection: reads a request, has it handled, sends the answer, and again. The loop's thread
/// alone. Nothing is read while an answer is awaited, so requests that were sent ahead wait in the
/// kernel, and are answered in their order.
class Session : public std::enable_shared_from_this<Session>, public TimeOuts::Waiter {
  public:
    /// @param refusal  the answer to whatever is asked: the connection is over a limit
    Session(
        ServerLoop& loop,
        std::uint64_t id,
        Socket socket,
        std::string peer,
        std::optional<Response> refusal
    );
    ~Session() override;

    /// Until the connection ends.
    static Task<void> run(std::shared_ptr<Session> self);

    void deliver(Message& message);
    void time_is_over(TimeOuts::Kind kind) override;

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

    [[nodiscard]] bool idle() const noexcept { return idle_; }

    [[nodiscard]] bool refused() const noexcept { return refusal_.has_value(); }

    /// Answers in place of whoever should have; a stream is cut.
    void answer_by_force();
    void cut();

  private:
    using Wake = asio::async_result<Awaited, void()>::handler_type;

    Task<bool> read_request();
    Task<bool> read_more();
    Task<bool> answer_request();
    Task<bool> send_answer();
    Task<bool> send_stream();

    /// Ends when `wake` is called, at once if it was since the last time.
    auto async_wake(const Awaited& token);
    Task<void> wait();
    void wake();

    void refuse(Count& count, Response response);
    void refuse_failed();
    bool refused_early();
    bool over_memory();
    void hand_over();
    void finish_answer();
    void look_for_client();
    void client_gone();
    Framing framing(Framing::Body body, std::uint64_t size) const;

    ServerLoop& loop_;
    std::uint64_t id_;
    Connection connection_;
    std::string peer_;
    RequestReader reader_;

    bool idle_ = true;       ///< between two requests, or before the first one
    bool waiting_ = false;   ///< for an answer, or for more of a stream
    bool watching_ = false;  ///< to be told when the client hangs up
    bool handed_over_ = false;
    bool gone_ = false;  ///< the client is, as far as is known
    bool cut_ = false;
    bool too_late_ = false;  ///< a time-out ended a wait
    bool keep_alive_ = true;
    bool woken_ = false;
    std::size_t held_ = 0;  ///< of `loop_.body_bytes`
    std::size_t body_mark_ = 0;
    std::optional<Response> refusal_;  ///< for whatever is asked
    std::optional<Response> answer_;
    std::shared_ptr<StreamBuffer> stream_;
    Message::Gone on_gone_;
    std::optional<Wake> wake_;
};

}  // namespace kiln::net
