#pragma once

#include "base/error.hpp"
#include "ports/testing/memory_machines.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace kiln::instances::testing {

/// The process is gone, at once. No std::exception: nobody catches it.
struct Killed {};

/// Counts effects, and ends the process, or lets a call fail, at some of them.
class Fuse {
  public:
    /// Called before and after each effect. May throw.
    void burn() {
        ++burnt_;
        if (on_burn) {
            on_burn(burnt_);
        }
    }

    [[nodiscard]] int burnt() const noexcept { return burnt_; }

    std::function<void(int)> on_burn;

  private:
    int burnt_ = 0;
};

template <class Effect>
auto burning(Fuse& fuse, Effect&& effect) {
    fuse.burn();
    if constexpr (std::is_void_v<std::invoke_result_t<Effect&>>) {
        effect();
        fuse.burn();
    } else {
        auto result = effect();
        fuse.burn();
        return result;
    }
}

/// A cloud of machines in memory, with the fuse before and after each effect.
class BurningMachines {
  public:
    BurningMachines(Fuse& fuse, const ports::Clock& clock)
        : cloud{clock},
          instances_{fuse, cloud.machines().instances},
          groups_{fuse, cloud.machines().groups},
          tags_{fuse, cloud.tags()} {}

    [[nodiscard]] ports::Machines machines() {
        return {instances_, cloud.machines().keys, groups_};
    }

    [[nodiscard]] ports::TagStore& tags() { return tags_; }

    /// Every launch that was asked for, answered or not.
    [[nodiscard]] const std::vector<ports::InstanceSpec>& asked() const { return instances_.asked; }

    /// Those that are neither gone nor going.
    [[nodiscard]] std::vector<ports::Instance> alive() {
        auto all = cloud.history();
        std::erase_if(all, [](const auto& machine) {
            return machine.state == ports::InstanceState::terminated ||
                   machine.state == ports::InstanceState::shutting_down;
        });
        return all;
    }

    [[nodiscard]] std::vector<ports::SecurityGroup> groups() {
        return cloud.machines().groups.describe({});
    }

    void fill(const std::set<std::string>& types) {
        cloud.weather([&](auto& now) { now.full_types = types; });
    }

    void reachable(bool is) {
        cloud.weather([&](auto& now) { now.unavailable = !is; });
    }

    void settle() { cloud.settle(); }

    /// Tags cannot be changed.
    void refuse_tags() { tags_.refuses = true; }

    ports::testing::MemoryMachines cloud;

  private:
    struct InstanceRole final : ports::Instances {
        InstanceRole(Fuse& burnt, ports::Instances& of) : fuse{burnt}, inner{of} {}

        std::variant<std::vector<ports::Instance>, ports::NoCapacity> launch(
            const ports::InstanceSpec& spec, Deadline deadline
        ) override {
            return burning(fuse, [&] {
                asked.push_back(spec);
                return inner.launch(spec, deadline);
            });
        }

        std::vector<ports::Instance> describe(const ports::InstanceFilter& filter) override {
            fuse.burn();
            return inner.describe(filter);
        }

        void terminate(const std::vector<InstanceId>& ids, Deadline deadline) override {
            burning(fuse, [&] { inner.terminate(ids, deadline); });
        }

        void change(
            const InstanceId& id, ports::Change change, ports::Force force, Deadline deadline
        ) override {
            burning(fuse, [&] { inner.change(id, change, force, deadline); });
        }

        ports::ConsoleOutput console(const InstanceId& id, std::uint64_t from) override {
            return inner.console(id, from);
        }

        Fuse& fuse;
        ports::Instances& inner;
        std::vector<ports::InstanceSpec> asked;
    };

    struct GroupRole final : ports::SecurityGroups {
        GroupRole(Fuse& burnt, ports::SecurityGroups& of) : fuse{burnt}, inner{of} {}

        ports::SecurityGroup create(const ports::SecurityGroupSpec& spec) override {
            return burning(fuse, [&] { return inner.create(spec); });
        }

        std::vector<ports::SecurityGroup> describe(const std::vector<std::string>& ids) override {
            fuse.burn();
            return inner.describe(ids);
        }

        void remove(const std::string& id) override {
            burning(fuse, [&] { inner.remove(id); });
        }

        Fuse& fuse;
        ports::SecurityGroups& inner;
    };

    struct TagRole final : ports::TagStore {
        TagRole(Fuse& burnt, ports::TagStore& of) : fuse{burnt}, inner{of} {}

        void set(const std::string& resource, const ports::Tags& tags) override {
            if (refuses) {
                throw Error{ErrorKind::denied, "no tags for you"};
            }
            burning(fuse, [&] { inner.set(resource, tags); });
        }

        void unset(const std::string& resource, const std::vector<std::string>& keys) override {
            burning(fuse, [&] { inner.unset(resource, keys); });
        }

        Fuse& fuse;
        ports::TagStore& inner;
        bool refuses = false;
    };

    InstanceRole instances_;
    GroupRole groups_;
    TagRole tags_;
};

}  // namespace kiln::instances::testing
