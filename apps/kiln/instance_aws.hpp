#pragma once

#include "instances/life_cycle.hpp"
#include "ports/clock.hpp"

#include <string>
#include <vector>

namespace kiln {

/// Life-cycle notices of AWS' auto scaling groups: verified with SNS' certificates, confirmed and
/// completed with the keys that AWS' tools would find. Nothing where `topics` is empty. Without
/// keys notices are taken, and completing says why it cannot be done.
/// @param clock  outlives what is returned
[[nodiscard]] instances::Aws instance_aws(
    const std::vector<std::string>& topics, const ports::Clock& clock
);

}  // namespace kiln
