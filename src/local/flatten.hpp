#pragma once

#include "ports/catalog.hpp"

#include <set>
#include <vector>

namespace kiln::local {

/// Frozen layers among `wanted` (those of registered images) that lie deeper than `max_depth`,
/// lowest first; one that is shallow enough once those before it stand on the bottom is left out.
/// Pure.
[[nodiscard]] std::vector<LayerId> choose_layers_to_flatten(
    const std::vector<ports::Layer>& layers, const std::set<LayerId>& wanted, std::size_t max_depth
);

}  // namespace kiln::local
