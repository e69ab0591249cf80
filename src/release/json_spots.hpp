#pragma once

#include "release/document.hpp"

#include <map>
#include <string>
#include <string_view>

namespace kiln::release {

/// Where each key and element of a JSON document stands, by path. The text is JSON.
[[nodiscard]] std::map<std::string, Spot, std::less<>> json_spots(std::string_view text);

}  // namespace kiln::release
