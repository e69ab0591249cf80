#pragma once

#include "base/json.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Installed packages, whatever manager installed them.
namespace kiln::inspect {

struct Package {
    std::string manager;  ///< "dpkg", "rpm", "apk"
    std::string name;
    std::string version;       ///< as the manager shows it: "1:2.3-4"
    std::string architecture;  ///< the manager's word: "amd64", "x86_64", "all"
    std::string source;        ///< source package; the name itself where the manager names none
    std::string license;       ///< as declared in the package's metadata, "" where there is none
    std::string maintainer;    ///< "" where there is none

    bool operator==(const Package&) const = default;
};

/// Sorted by manager, name, architecture, version. The same package installed for two
/// architectures, or in two versions (rpm's kernels), stands there twice.
using Packages = std::vector<Package>;

void sort_packages(Packages& packages);

struct PackageChange {
    Package before;
    Package after;

    bool operator==(const PackageChange&) const = default;
};

struct PackageDiff {
    Packages added;
    Packages removed;
    std::vector<PackageChange> changed;  ///< another version of the same name and architecture

    [[nodiscard]] bool empty() const noexcept {
        return added.empty() && removed.empty() && changed.empty();
    }
};

/// What must be installed and removed to come from `before` to `after`. Both sorted. Pure.
[[nodiscard]] PackageDiff diff_packages(const Packages& before, const Packages& after);

[[nodiscard]] json::object to_json(const Package& package);
[[nodiscard]] json::object to_json(const PackageDiff& diff);

/// A table for people: `+` added, `-` removed, `~` changed, one package to a line; "" for no
/// change.
[[nodiscard]] std::string render(const PackageDiff& diff);

}  // namespace kiln::inspect
