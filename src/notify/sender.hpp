#pragma once

#include "notify/channel.hpp"
#include "notify/policy.hpp"
#include "ports/clock.hpp"

#include <functional>
#include <optional>
#include <stop_token>

namespace kiln::notify {

/// Sends what waits for one channel, one after the other. Any number of processes may do it at
/// once: a row is one sender's until its lease ends. Dies it between sending and writing that it
/// did, the row is sent again, with the same key.
class Sender {
  public:
    struct World {
        ports::NotificationStore& store;
        Channel& channel;
        const ports::Clock& clock;
        std::function<double()> jitter;  ///< in [0, 1]
        RetryPolicy policy = {};
        Duration limit = std::chrono::seconds{30};  ///< of one attempt
    };

    explicit Sender(World world) : world_{std::move(world)} {}

    enum class Did { nothing, sent, failed };

    struct Step {
        Did did = Did::nothing;
        std::optional<TimePoint> next;  ///< nothing was due: when the first one is
    };

    /// Tries the row that has been due for longest. What the channel throws ends in the row; where
    /// stop was requested, the row is due at once.
    /// @throws Error  the store's
    Step step(const std::stop_token& stop);

  private:
    [[nodiscard]] std::optional<Error> attempt(
        const ports::NotificationRow& row, const std::stop_token& stop
    );

    World world_;
};

}  // namespace kiln::notify
