#pragma once

#include "ports/bake_store.hpp"
#include "ports/notification_store.hpp"
#include "sqlite/store.hpp"

#include <functional>
#include <vector>

namespace kiln::sqlite {

/// What others are told of a bake that began or ended, in the commit that says so.
struct BakeOutbox {
    /// Of the record as it is now.
    std::function<std::vector<ports::NotificationRow>(const ports::BakeRecord&)> rows;
    std::function<void()> written;  ///< rows are durable
};

/// Bakes and their events in the store.
class SqliteBakeStore final : public ports::BakeStore {
  public:
    /// `store` outlives this.
    explicit SqliteBakeStore(Store& store) : store_{store} {}

    /// Set before bakes run, and unset (nullptr) when none runs any more. It outlives that time.
    void tell(const BakeOutbox* outbox) noexcept { outbox_ = outbox; }

    bool submit(const ports::BakeRecord& record) override;
    Begun begin(const ports::BakeRecord& record, bool force) override;
    void append(
        const BakeId& id,
        std::int64_t attempt,
        const std::vector<ports::BakeEvent>& events,
        const std::optional<Ending>& ended
    ) override;
    void note(const BakeId& id, const std::string& text) override;
    [[nodiscard]] ports::BakeRecord get(const BakeId& id) override;
    [[nodiscard]] std::vector<ports::BakeRecord> list(const ports::BakeFilter& filter) override;
    [[nodiscard]] std::map<ports::BakeState, std::int64_t> count() override;
    [[nodiscard]] std::vector<ports::BakeEvent> events(
        const BakeId& id, const ports::EventPlace& after, std::size_t limit
    ) override;
    std::size_t forget(const std::vector<BakeId>& ids) override;

  private:
    /// @returns whether anything is to be told
    [[nodiscard]] bool put_out(Database& database, const ports::BakeRecord& record) const;
    void told(bool something) const;

    Store& store_;
    const BakeOutbox* outbox_ = nullptr;
};

}  // namespace kiln::sqlite
