#pragma once

#include "base/error.hpp"
#include "base/json.hpp"
#include "ports/instances.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What every driver of machines has to agree on. Pure.
namespace kiln::ports {

inline constexpr std::size_t kMostUserData = 16 * 1024;  ///< EC2's
inline constexpr std::size_t kMostInstancesAtOnce = 1000;
inline constexpr std::chrono::hours kTerminatedKept{1};

/// What is wrong with a request whatever the driver: count, user data, token, tags, lifetime.
[[nodiscard]] std::vector<Problem> launch_problems(const InstanceSpec& spec);

/// A hash over everything that a request says: the same token with another hash is a conflict.
[[nodiscard]] std::string launch_digest(const InstanceSpec& spec);

/// The state that a change puts an instance in at once; nullopt: nothing is to be done.
/// @throws Error  conflict: not from this state, naming `id`
[[nodiscard]] std::optional<InstanceState> begin_change(
    const InstanceId& id, InstanceState state, Change change
);

/// Does the instance pass every filter that is set?
[[nodiscard]] bool matches(const InstanceFilter& filter, const Instance& instance);

/// @throws Error  not_found: one of `filter.ids` is not among `known`
void require_all_found(const InstanceFilter& filter, const std::vector<InstanceId>& known);

/// @throws Error  invalid: not one line of OpenSSH's public key format, or a name that EC2 refuses
[[nodiscard]] KeyPair key_pair(
    const std::string& name, const std::string& public_key, TimePoint now
);

/// @throws Error  invalid, with every problem of the rules and tags
void require_good_group(const SecurityGroupSpec& spec);

/// IPv4 with a prefix length: "10.0.0.0/8".
struct Network {
    std::uint32_t address = 0;
    int bits = 0;

    [[nodiscard]] bool holds(const Network& other) const noexcept;
    bool operator==(const Network&) const = default;
};

/// nullopt: not a network, or bits are set behind its prefix.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

/// As `--json` and the API show them.
[[nodiscard]] json::object to_json(const Instance& instance);
[[nodiscard]] json::object to_json(const KeyPair& key);
[[nodiscard]] json::object to_json(const SecurityGroup& group);

}  // namespace kiln::ports
