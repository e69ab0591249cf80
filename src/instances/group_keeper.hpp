#pragma once

#include "instances/builds.hpp"
#include "instances/groups.hpp"
#include "instances/world.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::instances {

/// Groups in their store. A view: cheap to make.
class Groups {
  public:
    explicit Groups(ports::InstanceBuildStore& store) : store_{store} {}

    /// @throws Error  not_found
    [[nodiscard]] InstanceGroup get(const std::string& id);
    [[nodiscard]] std::vector<InstanceGroup> list();
    bool insert(const InstanceGroup& group);
    /// @throws Outdated
    void save(InstanceGroup& group);

    void remove(const std::string& id) { store_.remove_group(id); }

  private:
    ports::InstanceBuildStore& store_;
};

/// Keeps groups at their size. Which builds a group is going to ask for is written down before it
/// does, so that one that is begun again asks for the same ones.
class GroupKeeper {
  public:
    /// `world` outlives this.
    explicit GroupKeeper(World& world)
        : world_{world}, groups_{world.store}, builds_{world.store} {}

    /// One round over all groups.
    void run();
    void keep(InstanceGroup group);

  private:
    [[nodiscard]] std::vector<Member> members(const InstanceGroup& group);
    void ask_for(const InstanceGroup& group, const std::string& build);
    void drain(const InstanceGroup& group, const std::string& instance);

    World& world_;
    Groups groups_;
    Builds builds_;
};

}  // namespace kiln::instances
