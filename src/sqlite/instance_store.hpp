#pragma once

#include "ports/instance_store.hpp"
#include "sqlite/store.hpp"

namespace kiln::sqlite {

/// Instances, in the store that the ledger is in, too: so that a volume changes its owner in one
/// commit with the record that gets it.
class SqliteInstanceStore final : public ports::InstanceStore {
  public:
    /// `store` outlives this.
    explicit SqliteInstanceStore(Store& store) : store_{store} {}

    std::vector<ports::InstanceRecord> add(
        const JobId& from,
        std::vector<ports::InstanceRecord> records,
        const ports::AddressRange& range
    ) override;
    [[nodiscard]] std::optional<ports::InstanceRecord> find(const InstanceId& id) override;
    [[nodiscard]] std::vector<ports::InstanceRecord> list(const ports::InstanceFilter& filter
    ) override;
    [[nodiscard]] bool replace(const ports::InstanceRecord& record) override;
    void remove(const std::vector<InstanceId>& ids) override;

  private:
    Store& store_;
};

class SqliteKeyPairStore final : public ports::KeyPairStore {
  public:
    explicit SqliteKeyPairStore(Store& store) : store_{store} {}

    [[nodiscard]] bool add(const ports::KeyPair& key) override;
    [[nodiscard]] std::vector<ports::KeyPair> list() override;
    void remove(const std::string& name) override;

  private:
    Store& store_;
};

class SqliteSecurityGroupStore final : public ports::SecurityGroupStore {
  public:
    explicit SqliteSecurityGroupStore(Store& store) : store_{store} {}

    [[nodiscard]] bool add(const ports::SecurityGroup& group) override;
    [[nodiscard]] std::vector<ports::SecurityGroup> list() override;
    [[nodiscard]] std::optional<InstanceId> remove(const std::string& id) override;

  private:
    Store& store_;
};

}  // namespace kiln::sqlite
