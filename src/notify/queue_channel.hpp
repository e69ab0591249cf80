#pragma once

#include "notify/channel.hpp"
#include "ports/queue.hpp"

#include <functional>
#include <string>

namespace kiln::notify {

/// The event's JSON, with its kind and key as attributes `kind` and `key`; in a FIFO queue in one
/// group, and deduplicated by the key. Pure.
[[nodiscard]] ports::OutgoingMessage message_of(const Event& event, const std::string& queue);

/// A queue of any driver.
class QueueChannel final : public Channel {
  public:
    /// Asked for each time: a driver may come and go.
    using Driver = std::function<ports::MessageQueue&()>;

    QueueChannel(std::string queue, Driver driver)
        : queue_{std::move(queue)}, driver_{std::move(driver)} {}

    [[nodiscard]] std::string_view name() const noexcept override { return "queue"; }

    void send(const Event& event, const std::stop_token& stop, Deadline deadline) override;

  private:
    std::string queue_;
    Driver driver_;
};

}  // namespace kiln::notify
