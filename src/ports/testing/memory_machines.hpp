#pragma once

#include "base/guarded.hpp"
#include "ports/clock.hpp"
#include "ports/instance_rules.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::ports::testing {

/// What is wrong with the cloud just now. Everything is well by default.
struct Weather {
    std::set<std::string> full_types;  ///< launches of these find no capacity
    std::set<std::string> full_zones;
    std::size_t capacity = 10'000;    ///< instances that are not terminated, together
    unsigned throttled_launches = 0;  ///< so many launches to come are refused as `exhausted`
    bool unavailable = false;         ///< every call fails
    /// The next launch is made, but its answer gets lost: `unavailable`. Once.
    bool lose_answer = false;
    bool boots = true;  ///< no: what is launched stays pending
};

/// A cloud of machines in memory, with EC2's semantics. An instance changes its state by itself
/// only in `settle()`. Safe from several threads.
class MemoryMachines {
  public:
    /// `clock` outlives this. `images`: which exist; none given: every id does.
    explicit MemoryMachines(const Clock& clock, std::function<bool(const ImageId&)> images = {});
    MemoryMachines(MemoryMachines&&) = delete;

    [[nodiscard]] Machines machines() { return {instances_, keys_, groups_}; }

    [[nodiscard]] TagStore& tags() { return tags_; }

    /// Under its lock: `weather([](Weather& now) { now.unavailable = true; })`.
    void weather(const std::function<void(Weather&)>& change);
    /// Every state that passes by itself does: pending → running, stopping → stopped, shutting-down
    /// → terminated; deadlines that have passed end their instances; the terminated that are older
    /// than an hour are forgotten.
    void settle();
    /// It powers itself off, as a guest does. Nothing where it does not run.
    void power_off(const InstanceId& id);
    /// It is gone without a word, as by somebody else's hand: terminated.
    void vanish(const InstanceId& id);
    /// What it writes to its console.
    void say(const InstanceId& id, std::string_view text);
    /// All that were ever made, in the order of launch, forgotten ones too.
    [[nodiscard]] std::vector<Instance> history();

  private:
    struct Row {
        Instance instance;
        std::string digest;
        std::string console;
        std::uint64_t console_from = 0;
        std::optional<Duration> lifetime;
        bool forgotten = false;
    };

    struct State {
        Weather weather;
        std::vector<Row> rows;  ///< in the order of launch
        std::map<std::string, KeyPair> keys;
        std::map<std::string, SecurityGroup> groups;  ///< by name
        std::uint32_t next_address = 0;

        Row* find(const InstanceId& id);
        void check_up() const;
    };

    struct InstanceRole final : Instances {
        explicit InstanceRole(MemoryMachines& owner) : all{owner} {}

        std::variant<std::vector<Instance>, NoCapacity> launch(
            const InstanceSpec& spec, Deadline deadline
        ) override;
        std::vector<Instance> describe(const InstanceFilter& filter) override;
        void terminate(const std::vector<InstanceId>& ids, Deadline deadline) override;
        void change(const InstanceId& id, Change change, Force force, Deadline deadline) override;
        ConsoleOutput console(const InstanceId& id, std::uint64_t from) override;

        MemoryMachines& all;
    };

    struct KeyRole final : KeyPairs {
        explicit KeyRole(MemoryMachines& owner) : all{owner} {}

        KeyPair import(const std::string& name, const std::string& public_key) override;
        std::vector<KeyPair> describe(const std::vector<std::string>& names) override;
        void remove(const std::string& name) override;

        MemoryMachines& all;
    };

    struct GroupRole final : SecurityGroups {
        explicit GroupRole(MemoryMachines& owner) : all{owner} {}

        SecurityGroup create(const SecurityGroupSpec& spec) override;
        std::vector<SecurityGroup> describe(const std::vector<std::string>& ids) override;
        void remove(const std::string& id) override;

        MemoryMachines& all;
    };

    struct TagRole final : TagStore {
        explicit TagRole(MemoryMachines& owner) : all{owner} {}

        void set(const std::string& resource, const Tags& tags) override;
        void unset(const std::string& resource, const std::vector<std::string>& keys) override;

        MemoryMachines& all;
    };

    void check_request(const State& state, const InstanceSpec& spec) const;
    std::vector<Instance> make(State& state, const InstanceSpec& spec) const;
    void end(Row& row, InstanceState state, std::string reason) const;
    void settle(Row& row, const Weather& weather) const;

    const Clock& clock_;
    std::function<bool(const ImageId&)> images_;
    Guarded<State> state_;
    InstanceRole instances_{*this};
    KeyRole keys_{*this};
    GroupRole groups_{*this};
    TagRole tags_{*this};
};

}  // namespace kiln::ports::testing
