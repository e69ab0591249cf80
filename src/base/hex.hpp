#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kiln {

/// Two lower-case digits for each byte.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace kiln
