#pragma once

#include "compute/settings.hpp"

#include <string>
#include <vector>

/// The machines of the local cloud, as the roles of ports/instances.hpp.
namespace kiln::compute {

class LocalInstances final : public ports::Instances {
  public:
    explicit LocalInstances(World world) : world_{std::move(world)} {}

    std::variant<std::vector<ports::Instance>, ports::NoCapacity> launch(
        const ports::InstanceSpec& spec, Deadline deadline
    ) override;
    std::vector<ports::Instance> describe(const ports::InstanceFilter& filter) override;
    void terminate(const std::vector<InstanceId>& ids, Deadline deadline) override;
    void change(const InstanceId& id, ports::Change change, ports::Force force, Deadline deadline)
        override;
    ports::ConsoleOutput console(const InstanceId& id, std::uint64_t from) override;

  private:
    [[nodiscard]] ports::Image check(const ports::InstanceSpec& spec);
    [[nodiscard]] ports::InstanceRecord find(const InstanceId& id);
    /// The same, after what a dead keeper left was ended: as describe() shows it.
    [[nodiscard]] ports::InstanceRecord settled(const InstanceId& id);
    std::vector<ports::InstanceRecord> make(
        const ports::InstanceSpec& spec,
        const ports::Image& image,
        const JobId& job,
        Deadline deadline
    );
    [[nodiscard]] bool kept(const ports::InstanceRecord& record) const;
    /// What dead keepers left goes on.
    void tend_orphans();
    void start_keepers(const std::vector<ports::InstanceRecord>& records);

    World world_;
};

class LocalKeyPairs final : public ports::KeyPairs {
  public:
    explicit LocalKeyPairs(World world) : world_{std::move(world)} {}

    ports::KeyPair import(const std::string& name, const std::string& public_key) override;
    std::vector<ports::KeyPair> describe(const std::vector<std::string>& names) override;
    void remove(const std::string& name) override;

  private:
    World world_;
};

class LocalSecurityGroups final : public ports::SecurityGroups {
  public:
    explicit LocalSecurityGroups(World world) : world_{std::move(world)} {}

    ports::SecurityGroup create(const ports::SecurityGroupSpec& spec) override;
    std::vector<ports::SecurityGroup> describe(const std::vector<std::string>& ids) override;
    void remove(const std::string& id) override;

  private:
    World world_;
};

class LocalMachines {
  public:
    explicit LocalMachines(const World& world) : instances_{world}, keys_{world}, groups_{world} {}

    LocalMachines(LocalMachines&&) = delete;

    [[nodiscard]] ports::Machines machines() { return {instances_, keys_, groups_}; }

  private:
    LocalInstances instances_;
    LocalKeyPairs keys_;
    LocalSecurityGroups groups_;
};

/// What was done about an instance that nobody kept.
struct Tended {
    InstanceId id;
    std::string what;                   ///< "started", "stopped", "terminated", "forgotten"
    std::optional<std::string> failed;  ///< the next time it is tried again
};

enum class DryRun { no, yes };

/// Instances whose keeper died get what they need: a keeper, an end. Records of those that are
/// terminated since an hour go, and what is left of their consoles.
std::vector<Tended> tend(const World& world, DryRun dry_run);

}  // namespace kiln::compute
