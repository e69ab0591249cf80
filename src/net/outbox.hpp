#pragma once

#include "base/guarded.hpp"
#include "net/asio.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace kiln::net {

class StreamBuffer;

/// What any thread has to say to a session, on its way to the loop's thread.
struct Message {
    struct Stream {
        Response head;
        std::shared_ptr<StreamBuffer> buffer;
    };

    struct MoreToStream {};

    using Gone = std::function<void()>;

    std::uint64_t session = 0;
    std::variant<Response, Stream, MoreToStream, Gone> what;
};

/// Carries messages to the loop's thread, many at a time: however many threads post, the loop is
/// woken once until it has taken what there is. Outlives the loop; what is posted then is dropped.
class Outbox : public std::enable_shared_from_this<Outbox> {
  public:
    using Deliver = std::function<void(Message&)>;

    /// @param deliver  called on the loop's thread, for each message in its order
    Outbox(asio::io_context& loop, std::size_t stream_limit, Deliver deliver)
        : stream_limit_{stream_limit}, deliver_{std::move(deliver)} {
        state_.lock()->loop = &loop;
    }

    /// Closed from the start: what is posted goes nowhere.
    Outbox() : stream_limit_{0} {}

    /// Any thread.
    void post(Message message);

    /// Unsent bytes that a stream may have.
    [[nodiscard]] std::size_t stream_limit() const noexcept { return stream_limit_; }

    /// Nothing is delivered from here on. On the loop's thread, or after it has ended.
    void close();

  private:
    struct State {
        asio::io_context* loop = nullptr;  ///< nullptr: closed
        std::vector<Message> messages;
        bool woken = false;
    };

    void drain();

    std::size_t stream_limit_;
    Deliver deliver_;
    std::vector<Message> taken_;  ///< on the loop's thread
    Guarded<State> state_;
};

}  // namespace kiln::net
