#pragma once

#include "base/guarded.hpp"
#include "ports/notification_store.hpp"

namespace kiln::ports::testing {

/// An outbox in memory, for tests.
class MemoryNotificationStore final : public NotificationStore {
  public:
    void add(const std::vector<NotificationRow>& rows) override;
    [[nodiscard]] Taken take(const std::string& channel, TimePoint now, TimePoint until) override;
    bool settle(const NotificationRow& row) override;
    [[nodiscard]] std::vector<NotificationRow> list(const NotificationFilter& filter) override;
    std::int64_t forget(TimePoint before) override;

  private:
    Guarded<std::vector<NotificationRow>> rows_;  ///< in the order in which they were added
};

}  // namespace kiln::ports::testing
