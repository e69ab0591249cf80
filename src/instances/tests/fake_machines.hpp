#pragma once

#include "base/error.hpp"
#include "ports/clock.hpp"
#include "ports/cloud.hpp"
#include "ports/instances.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
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

/// A cloud's machines in memory, with EC2's words: tokens, tags at launch, groups that are in use.
class FakeMachines final : public ports::Instances, public ports::SecurityGroups {
  public:
    FakeMachines(Fuse& fuse, const ports::Clock& clock) : fuse_{fuse}, clock_{clock} {}

    std::variant<std::vector<ports::Instance>, ports::NoCapacity> launch(
        const ports::InstanceSpec& spec, Deadline
    ) override {
        return burning(fuse_, [&] { return launch_now(spec); });
    }

    std::vector<ports::Instance> describe(const ports::InstanceFilter& filter) override {
        fuse_.burn();
        if (unreachable) {
            throw Error{ErrorKind::unavailable, "no route to the cloud"};
        }
        std::vector<ports::Instance> found;
        for (const auto& id : filter.ids) {
            if (!machines.contains(id.str())) {
                throw Error{ErrorKind::not_found, "no instance " + id.str()};
            }
        }
        for (const auto& [id, machine] : machines) {
            if (passes(filter, machine)) {
                found.push_back(machine);
            }
        }
        return found;
    }

    void terminate(const std::vector<InstanceId>& ids, Deadline) override {
        burning(fuse_, [&] {
            for (const auto& id : ids) {
                const auto found = machines.find(id.str());
                if (found != machines.end() &&
                    found->second.state != ports::InstanceState::terminated) {
                    found->second.state = ports::InstanceState::shutting_down;
                }
            }
        });
    }

    void change(const InstanceId&, ports::Change, ports::Force, Deadline) override {}

    ports::ConsoleOutput console(const InstanceId&, std::uint64_t) override { return {}; }

    ports::SecurityGroup create(const ports::SecurityGroupSpec& spec) override {
        return burning(fuse_, [&] {
            for (const auto& [id, group] : groups) {
                if (group.name == spec.name) {
                    throw Error{ErrorKind::conflict, "the name is taken"};
                }
            }
            const ports::SecurityGroup group{
                random_id("sg-"), spec.name, spec.description, spec.ingress, spec.tags};
            groups.emplace(group.id, group);
            return group;
        });
    }

    std::vector<ports::SecurityGroup> describe(const std::vector<std::string>&) override {
        fuse_.burn();
        std::vector<ports::SecurityGroup> all;
        for (const auto& [id, group] : groups) {
            all.push_back(group);
        }
        return all;
    }

    void remove(const std::string& id) override {
        burning(fuse_, [&] {
            for (const auto& [name, machine] : machines) {
                const auto& own = machine.security_groups;
                if (machine.state != ports::InstanceState::terminated &&
                    std::find(own.begin(), own.end(), id) != own.end()) {
                    throw Error{ErrorKind::conflict, "an instance has it"};
                }
            }
            groups.erase(id);
        });
    }

    /// What was begun comes to its end.
    void settle() {
        for (auto& [id, machine] : machines) {
            if (machine.state == ports::InstanceState::pending) {
                machine.state = ports::InstanceState::running;
            } else if (machine.state == ports::InstanceState::shutting_down) {
                machine.state = ports::InstanceState::terminated;
                machine.ended = clock_.now();
            }
        }
    }

    [[nodiscard]] std::vector<ports::Instance> alive() const {
        std::vector<ports::Instance> found;
        for (const auto& [id, machine] : machines) {
            if (machine.state != ports::InstanceState::terminated &&
                machine.state != ports::InstanceState::shutting_down) {
                found.push_back(machine);
            }
        }
        return found;
    }

    std::map<std::string, ports::Instance> machines;
    std::map<std::string, ports::InstanceSpec> launches;  ///< by token
    std::vector<ports::InstanceSpec> asked;
    std::map<std::string, ports::SecurityGroup> groups;
    std::set<std::string> full;  ///< types there is no capacity of
    bool unreachable = false;

  private:
    std::variant<std::vector<ports::Instance>, ports::NoCapacity> launch_now(
        const ports::InstanceSpec& spec
    ) {
        asked.push_back(spec);
        if (const auto before = launches.find(spec.client_token); before != launches.end()) {
            if (before->second.user_data != spec.user_data || before->second.tags != spec.tags ||
                before->second.type != spec.type) {
                throw Error{ErrorKind::conflict, "the token stands for another request"};
            }
            ports::InstanceFilter same;
            same.client_token = spec.client_token;
            std::vector<ports::Instance> found;
            for (const auto& [id, machine] : machines) {
                if (passes(same, machine)) {
                    found.push_back(machine);
                }
            }
            return found;
        }
        for (const auto& group : spec.security_groups) {
            if (!groups.contains(group)) {
                throw Error{ErrorKind::not_found, "no group " + group};
            }
        }
        if (full.contains(spec.type)) {
            return ports::NoCapacity{"no room"};
        }
        launches.emplace(spec.client_token, spec);
        std::vector<ports::Instance> made;
        for (std::size_t i = 0; i < spec.count; ++i) {
            ports::Instance machine;
            machine.id = InstanceId::random();
            machine.type = spec.type;
            machine.zone = spec.zone;
            machine.image = spec.image;
            machine.security_groups = spec.security_groups;
            machine.client_token = spec.client_token;
            machine.launched = clock_.now();
            machine.tags = spec.tags;
            if (spec.lifetime) {
                machine.deadline = clock_.now() + *spec.lifetime;
            }
            machines.emplace(machine.id.str(), machine);
            made.push_back(machine);
        }
        return made;
    }

    static bool passes(const ports::InstanceFilter& filter, const ports::Instance& machine) {
        if (!filter.client_token.empty() && filter.client_token != machine.client_token) {
            return false;
        }
        if (!filter.ids.empty() &&
            std::find(filter.ids.begin(), filter.ids.end(), machine.id) == filter.ids.end()) {
            return false;
        }
        return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const auto& wanted) {
            const auto tag = machine.tags.find(wanted.first);
            return tag != machine.tags.end() &&
                   std::count(wanted.second.begin(), wanted.second.end(), tag->second) > 0;
        });
    }

    Fuse& fuse_;
    const ports::Clock& clock_;
};

class NoKeyPairs final : public ports::KeyPairs {
  public:
    ports::KeyPair import(const std::string&, const std::string&) override { return {}; }

    std::vector<ports::KeyPair> describe(const std::vector<std::string>&) override { return {}; }

    void remove(const std::string&) override {}
};

/// Tags of its machines.
class FakeMachineTags final : public ports::TagStore {
  public:
    FakeMachineTags(Fuse& fuse, FakeMachines& machines) : fuse_{fuse}, machines_{machines} {}

    void set(const std::string& resource, const ports::Tags& tags) override {
        burning(fuse_, [&] {
            if (refuses) {
                throw Error{ErrorKind::denied, "no tags for you"};
            }
            for (const auto& [key, value] : tags) {
                machines_.machines.at(resource).tags[key] = value;
            }
        });
    }

    void unset(const std::string&, const std::vector<std::string>&) override {}

    bool refuses = false;

  private:
    Fuse& fuse_;
    FakeMachines& machines_;
};

}  // namespace kiln::instances::testing
