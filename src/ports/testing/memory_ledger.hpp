#pragma once

#include "base/guarded.hpp"
#include "ports/clock.hpp"
#include "ports/ledger.hpp"

#include <memory>

namespace kiln::ports::testing {

/// A ledger in memory. Several processes are several objects: `other_holder()` shares the entries.
class MemoryLedger final : public Ledger {
  public:
    /// `clock` outlives this.
    MemoryLedger(HolderId holder, const Clock& clock);
    [[nodiscard]] MemoryLedger other_holder(HolderId holder) const;

    void intend(const JobId& job, const std::vector<Resource>& resources) override;
    void release(const JobId& job, const std::vector<Resource>& resources) override;
    void release_all(const JobId& job) override;
    [[nodiscard]] std::vector<LedgerEntry> entries() override;
    [[nodiscard]] std::vector<HolderId> holders() override;

  private:
    struct Book {
        std::vector<LedgerEntry> entries;
        std::int64_t last = 0;
    };

    HolderId holder_;
    const Clock* clock_;
    std::shared_ptr<Guarded<Book>> book_;
};

}  // namespace kiln::ports::testing
