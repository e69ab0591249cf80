#pragma once

#include "instances/build.hpp"
#include "ports/instance_build_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::instances {

/// A change came too late: the record has another revision. It is to be read again.
struct Outdated {};

/// What belongs to a change of a build.
struct BuildExtras {
    std::optional<ports::InitScriptRow> script = {};
    bool remove_script = false;
    std::vector<ports::InstanceNoteRow> instances = {};
};

/// Builds in their store. A view: cheap to make.
class Builds {
  public:
    explicit Builds(ports::InstanceBuildStore& store) : store_{store} {}

    /// @throws Error  not_found
    [[nodiscard]] InstanceBuild get(const std::string& id);
    [[nodiscard]] std::optional<InstanceBuild> find(const std::string& id);
    /// @returns false: its id is known
    bool insert(const InstanceBuild& build);
    [[nodiscard]] std::vector<InstanceBuild> list(const ports::InstanceBuildFilter& filter);

    using With = BuildExtras;

    /// Durable on return; `build` has its new revision then. @throws Outdated
    void save(InstanceBuild& build, With with = {});

    /// Reads it, changes it and saves it, again when it was outdated meanwhile.
    /// @param change  (InstanceBuild&) -> std::optional<With>; none: nothing is to be saved
    template <class Change>
    InstanceBuild update(const std::string& id, Change&& change) {
        for (;;) {
            auto build = get(id);
            try {
                if (auto with = change(build)) {
                    save(build, std::move(*with));
                }
                return build;
            } catch (const Outdated&) {
                // Somebody else's change is there: this one is made on top of it.
            }
        }
    }

  private:
    ports::InstanceBuildStore& store_;
};

}  // namespace kiln::instances
