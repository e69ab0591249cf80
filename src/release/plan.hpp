#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "release/document.hpp"
#include "release/version_pattern.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::release {

/// What of a release a step is done once for.
enum class Per { run, version, distro };

/// What of the steps before must have gone well: every instance of each, or one of each.
enum class Needs { all, any };

/// Versions that a step is for.
enum class OnlyFor { all, releases, nightlies };

[[nodiscard]] std::string_view to_string(Per per) noexcept;
[[nodiscard]] std::string_view to_string(Needs needs) noexcept;
[[nodiscard]] std::string_view to_string(OnlyFor only) noexcept;

/// Names with templates of their values, in the order of the text.
using Templates = std::vector<std::pair<std::string, std::string>>;

struct Versions {
    VersionPattern release = VersionPattern::parse("{Major}.{Minor}.{Patch}");
    std::optional<VersionPattern> nightly;
    Templates release_variables, nightly_variables;
    Templates variables;  ///< of both, after those of its kind

    bool operator==(const Versions&) const = default;
};

struct Distro {
    std::string name;
    std::string image;  ///< what it is made in; "" none
    /// Versions that it is made for, with `*` for any characters; empty: all.
    std::vector<std::string> versions;

    bool operator==(const Distro&) const = default;
};

struct Distros {
    std::string noun = "Distro";  ///< in names of states
    /// A URL (template) of a text that names the distros of a version, one a line; "": all known
    /// ones whose `versions` fit.
    std::string supported;
    std::vector<Distro> known;

    bool operator==(const Distros&) const = default;
};

/// When a step is to be done. At most one of the members is set; none: always.
struct ShouldRun {
    std::string command;  ///< exits 0: yes, 1: no, anything else is a failure
    std::string missing;  ///< URL of an object: yes while there is none
    std::string http;     ///< URL: yes when it answers with one of `statuses`
    std::vector<std::int64_t> statuses = {404};
    std::vector<std::string> changed;  ///< yes when one of these steps succeeded in this run

    [[nodiscard]] bool always() const {
        return command.empty() && missing.empty() && http.empty() && changed.empty();
    }

    bool operator==(const ShouldRun&) const = default;
};

struct Retry {
    std::int64_t attempts = 2;  ///< besides the first
    std::chrono::seconds wait{60};
    double factor = 5;

    bool operator==(const Retry&) const = default;
};

struct Step {
    std::string name;
    Per per = Per::version;
    std::vector<std::string> after;
    Needs needs = Needs::all;
    OnlyFor only_for = OnlyFor::all;
    std::string script;  ///< what a worker runs for each task: a URL, or a path on its machine
    std::string init;    ///< what it runs once; "" none
    std::string script_sha256, init_sha256;  ///< 64 hex digits; "": not checked
    Templates environment;
    std::chrono::seconds timeout = std::chrono::hours{4};
    std::chrono::seconds heartbeat{60};
    Retry retry;
    ShouldRun should_run;
    bool test = false;           ///< part of a test build
    Templates test_environment;  ///< of test builds besides
    /// What kind of machine its workers are: image, type, zone, disk, max_workers and more, as
    /// fleets have it.
    json::object worker;

    bool operator==(const Step&) const = default;
};

struct Plan {
    std::string name;
    Versions versions;
    Distros distros;
    Templates environment;  ///< of every task
    std::vector<Step> steps;

    [[nodiscard]] const Step* find(std::string_view step) const;
    bool operator==(const Plan&) const = default;
};

/// @throws Error  invalid: with every fault at once, each with file, line and column
[[nodiscard]] Plan parse_plan(const Document& document);

/// Keys of parts, read and written alone too: they travel in the definition.
[[nodiscard]] Versions read_versions(
    const json::value& part, std::string where, std::vector<Problem>& problems
);
[[nodiscard]] Distros read_distros(
    const json::value& part, std::string where, std::vector<Problem>& problems
);
[[nodiscard]] Step read_step(
    const json::value& part, std::string where, std::vector<Problem>& problems
);
[[nodiscard]] json::object to_json(const Versions& versions);
[[nodiscard]] json::object to_json(const Distros& distros);
[[nodiscard]] json::object to_json(const Step& step);
/// What parse_plan reads.
[[nodiscard]] json::object to_json(const Plan& plan);

/// What is wrong with a plan whose parts are good each by itself. Pure.
[[nodiscard]] std::vector<Problem> plan_problems(const Plan& plan);

/// The longest name of a step: the states `PrepareToNAME` and `NAMEEnd` have 80 characters at most.
inline constexpr std::size_t kLongestStepName = 64;

}  // namespace kiln::release
