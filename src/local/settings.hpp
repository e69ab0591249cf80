#pragma once

#include "base/bytes.hpp"

#include <string>

namespace kiln::local {

struct Settings {
    Bytes free_space_floor{std::uint64_t{64} << 20};  ///< below it nothing is created or attached
    std::string zone = "local-1a";
};

}  // namespace kiln::local
