#pragma once

#include "cli/doctor.hpp"

#include <filesystem>
#include <stop_token>

namespace kiln::cli {

/// Looks at this host: tries a jail, a control group, a guest under KVM, asks programs for their
/// versions. Everything tried ends within seconds and leaves nothing. Store and layers are the
/// caller's to add.
/// @param home  the home folder; it need not exist
[[nodiscard]] HostFacts gather_host_facts(
    const std::filesystem::path& home, Bytes least_free, const std::stop_token& stop
);

}  // namespace kiln::cli
