#include "notifications.hpp"

#include "base/random.hpp"
#include "notify/bake_event.hpp"

namespace kiln {

notify::QueueOf notify_queues(QueueDrivers& drivers) {
    return [&drivers](const ports::QueueReference& queue) -> auto& {
        return drivers.of(queue);
    };
}

Notifications::Notifications(
    const cli::NotifyConfig& config,
    sqlite::Store& store,
    const ports::Clock& clock,
    QueueDrivers& drivers
)
    : clock_{clock},
      settings_{cli::read_notify_config(config)},
      store_{store},
      channels_{notify::make_channels(settings_, clock, notify_queues(drivers))},
      notifier_{store_, clock, notify::routes_of(settings_), [this] { wake(); }} {}

std::vector<notify::Sender> Notifications::senders() {
    std::vector<notify::Sender> senders;
    for (auto& channel : channels_) {
        senders.emplace_back(notify::Sender::World{
            .store = store_,
            .channel = *channel,
            .clock = clock_,
            .jitter = random_jitter,
            .policy = settings_.policy});
    }
    return senders;
}

void Notifications::wake() {
    if (auto lanes = lanes_.lock(); *lanes != nullptr) {
        (*lanes)->wake();
    }
}

Notifications::Sending::Sending(Notifications& notifications)
    : notifications_{notifications}, lanes_{notifications.senders()} {
    *notifications_.lanes_.lock() = &lanes_;
}

Notifications::Sending::~Sending() {
    *notifications_.lanes_.lock() = nullptr;
}

Notifications::OfBakes::OfBakes(const Notifications& notifications, sqlite::SqliteBakeStore& bakes)
    : outbox_{
          .rows =
              [&notifier = notifications.notifier_](const ports::BakeRecord& record) {
                  const auto event = notify::bake_event(record);
                  return event ? notifier.rows(*event) : std::vector<ports::NotificationRow>{};
              },
          .written = [&notifier = notifications.notifier_] { notifier.wake(); }},
      bakes_{bakes} {
    bakes_.tell(&outbox_);
}

Notifications::OfBakes::~OfBakes() {
    bakes_.tell(nullptr);
}

worker::Chore Notifications::forgetting() {
    return {"forget notifications", std::chrono::hours{1}, [this](const std::stop_token&) {
                (void)store_.forget(clock_.now() - settings_.keep);
            }};
}

}  // namespace kiln
