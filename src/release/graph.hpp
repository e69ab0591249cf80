#pragma once

#include "release/plan.hpp"

#include <string>
#include <vector>

namespace kiln::release {

/// Steps as they are run: one after another, side by side, and once for each version or distro.
struct Flow {
    enum class Kind {
        step,
        series,
        parallel,
        versions,  ///< for each version: `parts`, a series
        distros,   ///< for each distro of a version
    };

    Kind kind = Kind::step;
    std::string name;  ///< of the step; of the state of what is parallel or for each
    std::vector<Flow> parts;

    bool operator==(const Flow&) const = default;
};

/// The plan's steps, with no more order between them than `after` asks for, as far as nesting can
/// say it. A step per version that comes after steps per distro joins them; steps per distro after
/// that are in another round. Names of states are unique. The plan has no cycles.
[[nodiscard]] Flow arrange(const Plan& plan);

/// What is in it, joined by "And": "PublishSourceTarballAndPublishDockerImages".
[[nodiscard]] std::string title_of(const Flow& flow);

/// The state that finds out the distros that it is for: "GetDistrosForVersion".
[[nodiscard]] std::string distros_state(const Flow& flow);

/// The state at which it begins.
[[nodiscard]] std::string entry_of(const Flow& flow);

}  // namespace kiln::release
