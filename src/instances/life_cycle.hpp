#pragma once

#include "base/json.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// Life-cycle notices of AWS' auto scaling groups, as SNS sends them.
namespace kiln::instances {

enum class Transition { launching, terminating };

[[nodiscard]] std::string_view to_string(Transition transition) noexcept;

/// What an auto scaling group waits for.
struct LifeCycleAction {
    Transition transition = Transition::launching;
    std::string instance;
    std::string token;
    std::string group;
    std::string hook;

    bool operator==(const LifeCycleAction&) const = default;
};

[[nodiscard]] json::object to_json(const LifeCycleAction& action);
/// @throws Error corrupt
[[nodiscard]] LifeCycleAction life_cycle_action(const json::value& record);

/// What a message of SNS is to this server.
struct Subscription {
    std::string topic, url;
};

struct Ignored {
    std::string why;
};

using SnsMeaning = std::variant<Subscription, LifeCycleAction, Ignored>;

/// Pure; the signature is not its affair. @throws Error  invalid: not an SNS message
[[nodiscard]] SnsMeaning read_sns(const json::value& message);

/// What of AWS is needed for these; each may be absent.
struct Aws {
    /// @throws Error  denied: not signed by SNS
    std::function<void(const json::object& message)> verify;
    /// Fetches the URL, which `verify` has vouched for.
    std::function<void(const std::string& url)> confirm;
    /// CompleteLifecycleAction with CONTINUE. @throws Error  conflict: nobody waits for it
    std::function<void(const LifeCycleAction& action)> complete;
};

}  // namespace kiln::instances
