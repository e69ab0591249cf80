#pragma once

#include "cache/plan.hpp"
#include "cache/ready.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace kiln::cache {

/// One thing that was done, or would be.
struct Deed {
    enum class What { make, drop };
    What what;
    std::string name;  ///< of the image with the size asked for, or the volume's id
    std::string why;
    Bytes size;                         ///< what it takes on disk; 0 where it is not made yet
    std::optional<std::string> failed;  ///< the next run tries again
};

enum class DryRun { no, yes };

/// What a plan is made from, read now.
[[nodiscard]] Scene look(const World& world, Duration half_life);

/// The newest bakes on record: what demand and usage are worked out from.
[[nodiscard]] std::vector<ports::BakeRecord> recent_bakes(ports::BakeStore& bakes);

/// Removes the volumes that the plan drops, and those that bear the cache's tag although neither
/// cache nor ledger has them.
/// @throws Error  cancelled
std::vector<Deed> trim(
    const World& world, const Settings& settings, DryRun dry_run, const std::stop_token& stop
);

/// Trims, then makes the volumes that the plan lacks, one after the other. For one process at a
/// time: the caller has a lock. One that fails does not keep the others from being tried.
/// @throws Error  cancelled
std::vector<Deed> fill(
    const World& world, const Settings& settings, DryRun dry_run, const std::stop_token& stop
);

/// Drops all that stand ready.
std::vector<Deed> clear(const World& world, const std::stop_token& stop);

/// Drops those of this snapshot: its image is gone.
std::vector<Deed> forget(
    const World& world, const SnapshotId& snapshot, const std::stop_token& stop
);

/// A volume that stands ready, as the job's; nullopt: none does. One that is gone is forgotten.
[[nodiscard]] std::optional<Ready> claim(const World& world, const JobId& job, const Wanted& what);

}  // namespace kiln::cache
