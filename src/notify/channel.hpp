#pragma once

#include "base/deadline.hpp"
#include "notify/event.hpp"

#include <stop_token>
#include <string_view>

namespace kiln::notify {

/// Someone outside who is told. Safe from several threads.
class Channel {
  public:
    virtual ~Channel() = default;

    /// "slack", "mail", "webhook", "queue": settings, `kiln notify` and the outbox know it by that.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Tells it once; the other side has taken it on return. What it is told twice has one key.
    /// @throws Error  of a retryable kind: it may be taken later (perhaps with `retry_after`) ·
    ///                any other kind: it will never be · cancelled: stop
    virtual void send(const Event& event, const std::stop_token& stop, Deadline deadline) = 0;
};

}  // namespace kiln::notify
