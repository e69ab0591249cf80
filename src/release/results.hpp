#pragma once

#include "base/json.hpp"
#include "release/task.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::release {

enum class Status {
    waiting,        ///< nothing is known of it yet
    running,        ///< it is being prepared, waits for a worker, or a worker is at it
    skipped,        ///< not asked for, or done already
    blocked,        ///< what it needs has failed
    not_supported,  ///< the version has no such distro
    succeeded,
    failed,
};

[[nodiscard]] std::string_view to_string(Status status) noexcept;

/// How one instance of a step went. A distro that a version does not support is an outcome without
/// a step.
struct Outcome {
    Instance instance;
    Status status = Status::waiting;
    std::string reason;  ///< skipped, blocked: why
    std::string error;   ///< failed: its name
    std::string cause;   ///< failed: as it was reported
    json::object end;    ///< of the worker: worker, instance, seconds, log, exit_status, tail

    bool operator==(const Outcome&) const = default;
};

/// Every outcome that an execution's data holds, raw or normalised, in the order of the data.
/// Failures of the machine itself (of a Map, of a function) are outcomes of their state's name.
[[nodiscard]] std::vector<Outcome> collect_outcomes(const json::value& data);

/// As it is put out, keyed by version and distro:
/// {"steps": {STEP: outcome}, "versions": {VERSION: {"steps": …, "distros": {DISTRO: {STEP: …}},
/// "not_supported": [DISTRO]}}}, causes cut so that all of it has about `limit_bytes` at most.
[[nodiscard]] json::object normalize(const std::vector<Outcome>& outcomes, std::size_t limit_bytes);

/// The limit of one version's results, of so many versions: all together fit into a state's data.
[[nodiscard]] std::size_t version_limit(std::size_t versions) noexcept;

/// "The following steps have failed:" and a line for each: step, version, distro, what it was,
/// worker, log. nullopt: nothing failed. At most 30,000 bytes.
[[nodiscard]] std::optional<std::string> failure_message(const std::vector<Outcome>& outcomes);

/// Instances that need not be done again: those that succeeded or were skipped.
[[nodiscard]] std::vector<Instance> done_instances(const std::vector<Outcome>& outcomes);

/// How a step went by what PrepareToX and X left at `results.X`; waiting: nothing, yet.
[[nodiscard]] Outcome raw_outcome(const Instance& instance, const json::object& left);

/// How many there are of each status: {"succeeded": 3, …}; without those of which there is none.
[[nodiscard]] json::object count_outcomes(const std::vector<Outcome>& outcomes);

}  // namespace kiln::release
