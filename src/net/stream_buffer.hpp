#pragma once

#include "base/guarded.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kiln::net {

class Outbox;

/// What a stream's writers have given and its session has not yet taken. Any thread.
class StreamBuffer {
  public:
    StreamBuffer(std::shared_ptr<Outbox> outbox, std::uint64_t session, std::size_t limit)
        : outbox_{std::move(outbox)}, session_{session} {
        state_.lock()->limit = limit;
    }

    // The writers' side: see Stream.
    bool write(std::string_view piece);
    [[nodiscard]] bool open() const;
    void close();
    [[nodiscard]] std::size_t unsent() const;
    void when_drained(std::function<void()> drained);
    /// Its writer is gone without having closed it.
    void abandon();

    // The session's side.

    struct Taken {
        std::string bytes;
        bool last = false;  ///< nothing follows
        bool cut = false;   ///< nothing follows, and the answer is not whole
        bool too_slow = false;
    };

    [[nodiscard]] Taken take();
    /// Nobody reads any more.
    void reader_gone();

  private:
    enum class Phase { open, closed, abandoned, overflown, gone };

    struct State {
        std::string bytes;
        std::size_t limit = 0;
        Phase phase = Phase::open;
        std::function<void()> drained;  ///< wants to know
        bool told = false;              ///< the session knows that there is something to take
    };

    void tell(Guarded<State>::Lock& state);
    void tell_drained(Guarded<State>::Lock& state);

    std::shared_ptr<Outbox> outbox_;
    std::uint64_t session_;
    mutable Guarded<State> state_;
};

}  // namespace kiln::net
