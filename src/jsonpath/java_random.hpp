#pragma once

#include <cstdint>

namespace kiln::jsonpath {

/// The numbers of Java's java.util.Random, whose algorithm its documentation fixes: a linear
/// congruence of 48 bits.
class JavaRandom {
  public:
    explicit JavaRandom(std::uint64_t seed) : state_{(seed ^ kMultiplier) & kMask} {}

    /// In [0, bound). @param bound  at least 1
    std::int32_t below(std::int32_t bound) {
        if ((bound & -bound) == bound) {
            return static_cast<std::int32_t>((static_cast<std::int64_t>(bound) * bits(31)) >> 31);
        }
        while (true) {
            const std::int64_t drawn = bits(31);
            const auto value = drawn % bound;
            // The last, incomplete round of values would make the low ones too frequent.
            if (drawn - value + (bound - 1) <= kMost) {
                return static_cast<std::int32_t>(value);
            }
        }
    }

    std::uint64_t whole() {
        const auto high = static_cast<std::uint64_t>(static_cast<std::int64_t>(bits(32)));
        return (high << 32U) + static_cast<std::uint64_t>(static_cast<std::int64_t>(bits(32)));
    }

  private:
    static constexpr std::uint64_t kMultiplier = 0x5DEECE66DULL;
    static constexpr std::uint64_t kMask = (std::uint64_t{1} << 48U) - 1;
    static constexpr std::int64_t kMost = 0x7FFFFFFF;

    std::int32_t bits(unsigned count) {
        state_ = (state_ * kMultiplier + 0xBU) & kMask;
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(state_ >> (48U - count)));
    }

    std::uint64_t state_;
};

}  // namespace kiln::jsonpath
