#pragma once

#include "machines/machine.hpp"
#include "ports/machine_store.hpp"

#include <string>
#include <string_view>

/// Between what the registry knows and what its store keeps. Pure.
namespace kiln::machines {

[[nodiscard]] ports::MachineRow row_of(const Machine& machine);
/// @param definition  its text, which a Revision does not have
[[nodiscard]] ports::RevisionRow row_of(
    const Revision& revision, std::string_view machine_arn, std::string_view definition
);
[[nodiscard]] ports::VersionRow row_of(const Version& version, std::string_view machine_arn);
[[nodiscard]] ports::AliasRow row_of(const Alias& alias, std::string_view machine_arn);
[[nodiscard]] ports::ActivityRow row_of(const Activity& activity);

/// @throws Error corrupt
[[nodiscard]] Machine machine_of(const ports::MachineRow& row, RevisionPtr current);
[[nodiscard]] Revision revision_of(const ports::RevisionRow& row);
[[nodiscard]] Alias alias_of(const ports::AliasRow& row);
[[nodiscard]] Activity activity_of(const ports::ActivityRow& row);

}  // namespace kiln::machines
