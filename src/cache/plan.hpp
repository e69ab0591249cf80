#pragma once

#include "cache/demand.hpp"
#include "ports/volume_cache.hpp"

#include <set>
#include <string>
#include <vector>

/// Which volumes are to stand ready. Pure: values in, decisions out.
namespace kiln::cache {

struct Budget {
    std::size_t count = 0;  ///< volumes; 0: none at all
    Bytes bytes;            ///< what they take on disk together
};

/// Everything that a plan is made from.
struct Scene {
    std::vector<Demand> demands;  ///< as measure_demand() sorts them
    std::vector<ports::CachedVolume> cached;
    std::set<VolumeId> volumes;    ///< those that exist
    std::set<SnapshotId> parents;  ///< root snapshots of the images that exist
};

struct Plan {
    struct Make {
        Wanted what;
        std::string name;  ///< of the image
        std::string why;
    };

    struct Held {
        ports::CachedVolume volume;
        std::string why;
    };

    std::vector<Make> make;  ///< most useful first
    std::vector<Held> keep;
    std::vector<Held> drop;
};

/// A volume less popular than this is not worth a place: one bake, a little over four half-lives
/// ago.
inline constexpr double kLeastPopularity = 0.05;

/// What a volume takes on disk before one like it was measured: the file system's metadata that
/// mounting it once rewrites.
inline constexpr Bytes kUsualSize{std::uint64_t{1} << 20};

/// Places go one by one to whoever makes the most of one more: popularity divided by the places
/// that it would have then. A second one like it needs a popularity of 1.5, a third one of 2.5.
/// Of too many of a kind the one that waited longest goes.
[[nodiscard]] Plan plan_cache(const Scene& scene, const Budget& budget);

/// The same rule without what there is: how many of each are worth having, most useful first.
struct Share {
    const Demand* demand;  ///< of the list that was passed
    std::size_t count = 0;
};

[[nodiscard]] std::vector<Share> share_out(
    const std::vector<Demand>& demands,
    const std::vector<ports::CachedVolume>& cached,
    const Budget& budget
);

}  // namespace kiln::cache
