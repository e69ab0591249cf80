#pragma once

#include "ports/bake_store.hpp"
#include "ports/checkpoint_store.hpp"
#include "ports/cloud.hpp"

#include <optional>
#include <string>
#include <vector>

/// What may go. Pure: values in, decisions out.
namespace kiln::gc {

/// Which images have had their time. Both set: an image must fail both to go. None set: all stay.
struct Retention {
    std::optional<std::size_t> keep;     ///< the newest so many of each name stem stay
    std::optional<Duration> older_than;  ///< younger ones stay

    [[nodiscard]] bool any() const noexcept { return keep || older_than; }
};

struct Verdict {
    ports::Image image;
    std::string why;
};

struct ImagePlan {
    std::vector<Verdict> remove;  ///< oldest first
    std::vector<Verdict> spared;  ///< had their time, but stay: parents, shared, tagged `keep`
};

[[nodiscard]] ImagePlan plan_images(
    const std::vector<ports::Image>& images, const Retention& retention, TimePoint now
);

/// Checkpoints to remove so that the rest fits the budget.
/// @param checkpoints  least recently used first, as the store lists them
[[nodiscard]] std::vector<ports::Checkpoint> plan_checkpoints(
    const std::vector<ports::Checkpoint>& checkpoints, Bytes budget
);

/// Records of bakes that ended before `before`, but for those of images that still are: their
/// request is what `rebuild`, `verify` and the provenance of the image need.
[[nodiscard]] std::vector<ports::BakeRecord> plan_records(
    const std::vector<ports::BakeRecord>& records,
    const std::vector<ports::Image>& images,
    TimePoint before
);

}  // namespace kiln::gc
