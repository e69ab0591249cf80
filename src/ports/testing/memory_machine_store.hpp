#pragma once

#include "base/guarded.hpp"
#include "ports/machine_store.hpp"

#include <map>
#include <memory>
#include <utility>

namespace kiln::ports::testing {

/// What the registry of state machines remembers, in memory. Copies are views of the same rows: a
/// process that starts again.
class MemoryMachineStore final : public MachineStore {
  public:
    MemoryMachineStore() : rows_{std::make_shared<Guarded<Rows>>()} {}

    [[nodiscard]] std::vector<MachineRow> machines() override;
    [[nodiscard]] std::vector<RevisionRow> live_revisions() override;
    [[nodiscard]] std::vector<VersionRow> versions() override;
    [[nodiscard]] std::vector<AliasRow> aliases() override;
    [[nodiscard]] std::vector<ActivityRow> activities() override;
    [[nodiscard]] RevisionNumber last_revision() override;
    [[nodiscard]] std::optional<RevisionRow> find_revision(RevisionNumber number) override;
    void apply(MachineChanges changes, Applied done) override;

  private:
    struct Rows {
        std::map<std::string, MachineRow> machines;
        std::map<RevisionNumber, RevisionRow> revisions;
        std::map<std::pair<std::string, std::int64_t>, VersionRow> versions;
        std::map<std::pair<std::string, std::string>, AliasRow> aliases;
        std::map<std::string, ActivityRow> activities;

        void operator()(const machine_change::PutMachine& change);
        void operator()(const machine_change::RemoveMachine& change);
        void operator()(const machine_change::AddRevision& change);
        void operator()(const machine_change::RetireRevision& change);
        void operator()(const machine_change::ForgetRetired& change);
        void operator()(const machine_change::PutVersion& change);
        void operator()(const machine_change::RemoveVersion& change);
        void operator()(const machine_change::PutAlias& change);
        void operator()(const machine_change::RemoveAlias& change);
        void operator()(const machine_change::PutActivity& change);
        void operator()(const machine_change::RemoveActivity& change);
    };

    std::shared_ptr<Guarded<Rows>> rows_;
};

}  // namespace kiln::ports::testing
