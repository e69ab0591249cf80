#pragma once

#include "base/bytes.hpp"
#include "ports/bake_store.hpp"
#include "ports/cloud.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What bakes ask for, worked out from their records. Pure.
namespace kiln::cache {

/// A volume as a bake asks for it.
struct Wanted {
    SnapshotId snapshot;
    std::optional<Bytes> size;  ///< none: the snapshot's own

    auto operator<=>(const Wanted&) const = default;
};

/// How much one such volume is asked for.
struct Demand {
    Wanted what;
    ImageId image;
    std::string name;         ///< of the image
    double popularity = 0.0;  ///< each bake counts 1 when it begins, half as much after a half-life
    std::uint64_t bakes = 0;
    TimePoint last;  ///< the newest of them
};

/// Most popular first; of equals the one asked for last, then by snapshot and size.
///
/// A bake that went on from a checkpoint asked for no volume of its parent and does not count.
/// Neither does one whose parent is gone, or cannot be attached and mounted.
[[nodiscard]] std::vector<Demand> measure_demand(
    const std::vector<ports::BakeRecord>& bakes,
    const std::vector<ports::Image>& images,
    Duration half_life,
    TimePoint now
);

/// How bakes came by their volumes.
struct Usage {
    std::uint64_t hot = 0;     ///< ready, attached and mounted
    std::uint64_t hits = 0;    ///< ready
    std::uint64_t misses = 0;  ///< made for them

    [[nodiscard]] std::uint64_t asked() const noexcept { return hot + hits + misses; }

    /// Of those that asked; 0 when none did.
    [[nodiscard]] double hit_rate() const noexcept;
};

[[nodiscard]] Usage measure_usage(const std::vector<ports::BakeRecord>& bakes);

}  // namespace kiln::cache
