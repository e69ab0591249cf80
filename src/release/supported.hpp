#pragma once

#include "release/plan.hpp"
#include "release/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::release {

struct Supported {
    std::vector<std::string> supported;      ///< in the plan's order
    std::vector<std::string> not_supported;  ///< asked for by name

    bool operator==(const Supported&) const = default;
};

/// The distros that a version is made for, of those that were asked for.
/// @param listed  what `distros.supported` led to: a name a line, # begins a remark
[[nodiscard]] Supported supported_distros(
    const Distros& distros,
    std::string_view version,
    const Order& order,
    const std::optional<std::string>& listed
);

/// Does `*` in the pattern stand for some characters, so that it is the whole text?
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

}  // namespace kiln::release
