#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "ports/machine_store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the registry knows: values. What is shared is never changed, so any thread may read it.
namespace kiln::machines {

enum class MachineType { standard, express };
enum class MachineStatus { active, deleting };

/// "STANDARD", "ACTIVE" …
[[nodiscard]] std::string_view to_string(MachineType type) noexcept;
[[nodiscard]] std::string_view to_string(MachineStatus status) noexcept;

/// In the order in which they were given.
using Tags = std::vector<std::pair<std::string, std::string>>;

/// How a machine is watched and kept: AWS' members, checked, with AWS' defaults.
struct Configuration {
    json::object logging;     ///< level, includeExecutionData, destinations
    json::object tracing;     ///< enabled
    json::object encryption;  ///< type

    bool operator==(const Configuration&) const = default;
};

/// A revision without its definition's text, which the store has.
struct Revision {
    ports::RevisionNumber number = 0;
    std::string id;      ///< a UUID; "" the machine's first
    std::string digest;  ///< of the definition's text
    std::string role;
    Configuration configuration;
    TimePoint created;
};

using RevisionPtr = std::shared_ptr<const Revision>;

struct Version {
    std::int64_t number = 0;
    RevisionPtr revision;
    std::optional<std::string> description;
    TimePoint created;
};

/// Where an alias leads: `weight` of 100 go to this version.
struct Route {
    std::int64_t version = 0;
    std::int64_t weight = 0;

    bool operator==(const Route&) const = default;
};

struct Alias {
    std::string name;
    std::optional<std::string> description;
    std::vector<Route> routes;  ///< one or two, weights add up to 100
    TimePoint created;
    TimePoint updated;
};

struct Machine {
    std::string arn;
    std::string name;
    MachineType type = MachineType::standard;
    MachineStatus status = MachineStatus::active;
    RevisionPtr current;
    std::int64_t last_version = 0;  ///< the highest number that a version of it ever had
    TimePoint created;
    Tags tags;
    std::map<std::int64_t, Version> versions;
    std::map<std::string, Alias, std::less<>> aliases;

    /// The newest version of the current revision. nullptr: it was not published.
    [[nodiscard]] const Version* published() const noexcept;
    /// "ARN:NUMBER"
    [[nodiscard]] std::string version_arn(std::int64_t number) const;
    /// "ARN:NAME"
    [[nodiscard]] std::string alias_arn(std::string_view alias) const;
};

using MachinePtr = std::shared_ptr<const Machine>;

struct Activity {
    std::string arn;
    std::string name;
    json::object encryption;
    TimePoint created;
    Tags tags;
};

using ActivityPtr = std::shared_ptr<const Activity>;

}  // namespace kiln::machines
