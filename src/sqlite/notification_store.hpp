#pragma once

#include "ports/notification_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// Adds rows within the caller's transaction: so a store tells of what it writes, in one commit.
void add_notifications(Database& database, const std::vector<ports::NotificationRow>& rows);

/// The outbox in the store.
class SqliteNotificationStore final : public ports::NotificationStore {
  public:
    /// `store` outlives this.
    explicit SqliteNotificationStore(Store& store) : store_{store} {}

    void add(const std::vector<ports::NotificationRow>& rows) override;
    [[nodiscard]] Taken take(const std::string& channel, TimePoint now, TimePoint until) override;
    bool settle(const ports::NotificationRow& row) override;
    [[nodiscard]] std::vector<ports::NotificationRow> list(const ports::NotificationFilter& filter
    ) override;
    std::int64_t forget(TimePoint before) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
