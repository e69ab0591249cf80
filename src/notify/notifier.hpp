#pragma once

#include "notify/event.hpp"
#include "ports/clock.hpp"
#include "ports/notification_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kiln::notify {

/// Which events go to a channel.
struct Route {
    std::string channel;
    std::vector<Kind> kinds;  ///< empty: all
};

/// What tells an event to each channel that is to hear of it, due at once. Pure.
/// @throws Error  invalid: the event has no key
[[nodiscard]] std::vector<ports::NotificationRow> rows_of(
    const Event& event, const std::vector<Route>& routes, TimePoint now
);

/// Writes what is to be told into the outbox. Safe from several threads.
class Notifier {
  public:
    /// `store` and `clock` outlive this. @param wake  the senders; may be empty
    Notifier(
        ports::NotificationStore& store,
        const ports::Clock& clock,
        std::vector<Route> routes,
        std::function<void()> wake
    )
        : store_{store}, clock_{clock}, routes_{std::move(routes)}, wake_{std::move(wake)} {}

    /// Durable on return; told twice with one key, it is one. Whether the other side takes it never
    /// comes back here. @throws Error  the store's · invalid: no key
    void tell(const Event& event);

    /// For a store that writes them with what they tell of, in one transaction; then `wake()`.
    [[nodiscard]] std::vector<ports::NotificationRow> rows(const Event& event) const {
        return rows_of(event, routes_, clock_.now());
    }

    void wake() const {
        if (wake_) {
            wake_();
        }
    }

  private:
    ports::NotificationStore& store_;
    const ports::Clock& clock_;
    std::vector<Route> routes_;
    std::function<void()> wake_;
};

}  // namespace kiln::notify
