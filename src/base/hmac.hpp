#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kiln {

using HmacDigest = std::array<std::uint8_t, 32>;

/// HMAC-SHA-256 (RFC 2104).
[[nodiscard]] HmacDigest hmac_sha256(std::span<const std::uint8_t> key, std::string_view message);
[[nodiscard]] HmacDigest hmac_sha256(std::string_view key, std::string_view message);

/// For secrets and signatures: how long it takes depends on the lengths alone.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace kiln
