#pragma once

#include "ports/machine_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// The registry of state machines in the store. One call of apply() is one unit of work.
class SqliteMachineStore final : public ports::MachineStore {
  public:
    /// `store` outlives this, and all that was applied has ended before `store` goes.
    explicit SqliteMachineStore(Store& store) : store_{store} {}

    [[nodiscard]] std::vector<ports::MachineRow> machines() override;
    [[nodiscard]] std::vector<ports::RevisionRow> live_revisions() override;
    [[nodiscard]] std::vector<ports::VersionRow> versions() override;
    [[nodiscard]] std::vector<ports::AliasRow> aliases() override;
    [[nodiscard]] std::vector<ports::ActivityRow> activities() override;
    [[nodiscard]] ports::RevisionNumber last_revision() override;
    [[nodiscard]] std::optional<ports::RevisionRow> find_revision(ports::RevisionNumber number
    ) override;
    void apply(ports::MachineChanges changes, Applied done) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
