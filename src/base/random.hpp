#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kiln {

/// Fills `out` from the kernel's generator, getrandom(2). Never fails once the system has booted.
void fill_random(std::span<std::uint8_t> out);

/// A number in [0, 1), for back-off.
[[nodiscard]] double random_jitter();

template <std::size_t N>
[[nodiscard]] std::array<std::uint8_t, N> random_bytes() {
    std::array<std::uint8_t, N> bytes;
    fill_random(bytes);
    return bytes;
}

}  // namespace kiln
