#pragma once

#include "ports/instances.hpp"

namespace kiln {

/// A cloud without machines: there are none, and none can be launched.
class NoMachines {
  public:
    [[nodiscard]] ports::Machines machines() { return {instances_, keys_, groups_}; }

  private:
    static Error refusal() {
        return {ErrorKind::invalid, "this version's local cloud has no machines"};
    }

    template <class Thing>
    static std::vector<Thing> none(const std::vector<std::string>& names) {
        if (!names.empty()) {
            throw Error{ErrorKind::not_found, "there is no '" + names.front() + "'"};
        }
        return {};
    }

    struct None final : ports::Instances {
        std::variant<std::vector<ports::Instance>, ports::NoCapacity> launch(
            const ports::InstanceSpec& /*spec*/, Deadline /*deadline*/
        ) override {
            throw refusal();
        }

        std::vector<ports::Instance> describe(const ports::InstanceFilter& filter) override {
            if (!filter.ids.empty()) {
                throw Error{ErrorKind::not_found, "there is no " + filter.ids.front().str()};
            }
            return {};
        }

        void terminate(const std::vector<InstanceId>& /*ids*/, Deadline /*deadline*/) override {}

        void change(
            const InstanceId& /*id*/,
            ports::Change /*change*/,
            ports::Force /*force*/,
            Deadline /*deadline*/
        ) override {
            throw refusal();
        }

        ports::ConsoleOutput console(const InstanceId& /*id*/, std::uint64_t /*from*/) override {
            throw refusal();
        }
    };

    struct NoKeys final : ports::KeyPairs {
        ports::KeyPair import(const std::string& /*name*/, const std::string& /*key*/) override {
            throw refusal();
        }

        std::vector<ports::KeyPair> describe(const std::vector<std::string>& names) override {
            return none<ports::KeyPair>(names);
        }

        void remove(const std::string& /*name*/) override {}
    };

    struct NoGroups final : ports::SecurityGroups {
        ports::SecurityGroup create(const ports::SecurityGroupSpec& /*spec*/) override {
            throw refusal();
        }

        std::vector<ports::SecurityGroup> describe(const std::vector<std::string>& ids) override {
            return none<ports::SecurityGroup>(ids);
        }

        void remove(const std::string& /*id*/) override {}
    };

    None instances_;
    NoKeys keys_;
    NoGroups groups_;
};

}  // namespace kiln
