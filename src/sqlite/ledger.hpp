#pragma once

#include "ports/clock.hpp"
#include "ports/ledger.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// The ledger in the store. What it writes down belongs to `holder`, this process.
class SqliteLedger final : public ports::Ledger {
  public:
    /// `store` and `clock` outlive this.
    SqliteLedger(Store& store, HolderId holder, const ports::Clock& clock)
        : store_{store}, holder_{std::move(holder)}, clock_{clock} {}

    void intend(const JobId& job, const std::vector<ports::Resource>& resources) override;
    void release(const JobId& job, const std::vector<ports::Resource>& resources) override;
    void release_all(const JobId& job) override;
    [[nodiscard]] std::vector<ports::LedgerEntry> entries() override;
    [[nodiscard]] std::vector<HolderId> holders() override;

  private:
    Store& store_;
    HolderId holder_;
    const ports::Clock& clock_;
};

}  // namespace kiln::sqlite
