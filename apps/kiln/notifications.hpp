#pragma once

#include "base/guarded.hpp"
#include "cli/notify_settings.hpp"
#include "notify/lanes.hpp"
#include "ports/clock.hpp"
#include "queue_drivers.hpp"
#include "sqlite/bake_store.hpp"
#include "sqlite/notification_store.hpp"
#include "worker/periodic.hpp"

#include <memory>
#include <vector>

namespace kiln {

/// The driver of the queue that notifications go to.
[[nodiscard]] notify::QueueOf notify_queues(QueueDrivers& drivers);

/// What of a running process tells others: the outbox, its senders, and who writes into it.
class Notifications {
  public:
    /// All of them outlive this. What is told from here on is kept; nothing is sent yet.
    /// @throws Error  invalid: settings, texts · not_found: their file
    Notifications(
        const cli::NotifyConfig& config,
        sqlite::Store& store,
        const ports::Clock& clock,
        QueueDrivers& drivers
    );
    Notifications(Notifications&&) = delete;

    /// For those who have something to tell.
    [[nodiscard]] notify::Notifier& notifier() noexcept { return notifier_; }

    /// Sends while it lives, also what an earlier process left. The queues have to outlive it.
    class Sending {
      public:
        explicit Sending(Notifications& notifications);
        Sending(Sending&&) = delete;
        ~Sending();

      private:
        Notifications& notifications_;
        notify::Lanes lanes_;
    };

    /// While it lives, the beginning and the end of each bake of this store are told.
    class OfBakes {
      public:
        OfBakes(const Notifications& notifications, sqlite::SqliteBakeStore& bakes);
        OfBakes(OfBakes&&) = delete;
        ~OfBakes();

      private:
        sqlite::BakeOutbox outbox_;
        sqlite::SqliteBakeStore& bakes_;
    };

    /// What ended long ago is forgotten.
    [[nodiscard]] worker::Chore forgetting();

  private:
    [[nodiscard]] std::vector<notify::Sender> senders();
    void wake();

    const ports::Clock& clock_;
    notify::Settings settings_;
    sqlite::SqliteNotificationStore store_;
    std::vector<std::unique_ptr<notify::Channel>> channels_;
    Guarded<notify::Lanes*> lanes_{nullptr};  ///< while something is sent
    notify::Notifier notifier_;
};

}  // namespace kiln
