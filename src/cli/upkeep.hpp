#pragma once

#include "cli/services.hpp"

#include <optional>
#include <vector>

/// What keeps a home in order, for `kiln gc`, `kiln cache fill` and the timer of a process that
/// stays.
namespace kiln::cli {

[[nodiscard]] cache::Settings cache_settings(const Config& config);

/// What `kiln gc` removes by these settings: no images, which go by a rule that a user gives.
[[nodiscard]] kiln::gc::Options collect_options(const Config& config);

/// Makes the volumes that are missing in the cache, once at a time on this host: nothing is done
/// where another process is at it.
/// @throws Error  cancelled
std::vector<cache::Deed> fill_cache(
    Services& services, const Config& config, cache::DryRun dry_run, const std::stop_token& stop
);

struct UpkeepReport {
    kiln::gc::Report collected;
    std::vector<cache::Deed> cache;
};

/// Everything that is due from time to time: garbage collection, then the cache is filled.
/// @throws Error  cancelled
[[nodiscard]] UpkeepReport upkeep(
    Services& services, const Config& config, const std::stop_token& stop
);

}  // namespace kiln::cli
