#pragma once

#include "ports/bake_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// Bakes and their events in the store.
class SqliteBakeStore final : public ports::BakeStore {
  public:
    /// `store` outlives this.
    explicit SqliteBakeStore(Store& store) : store_{store} {}

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
    Store& store_;
};

}  // namespace kiln::sqlite
