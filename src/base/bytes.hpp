#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace kiln {

/// A number of bytes.
struct Bytes {
    std::uint64_t count = 0;

    auto operator<=>(const Bytes&) const = default;

    constexpr Bytes& operator+=(Bytes other) noexcept {
        count += other.count;
        return *this;
    }

    friend constexpr Bytes operator+(Bytes a, Bytes b) noexcept { return {a.count + b.count}; }

    friend constexpr Bytes operator-(Bytes a, Bytes b) noexcept { return {a.count - b.count}; }

    friend constexpr Bytes operator*(Bytes a, std::uint64_t n) noexcept { return {a.count * n}; }
};

namespace literals {
constexpr Bytes operator""_B(unsigned long long n) noexcept {
    return {n};
}

constexpr Bytes operator""_KiB(unsigned long long n) noexcept {
    return {n << 10};
}

constexpr Bytes operator""_MiB(unsigned long long n) noexcept {
    return {n << 20};
}

constexpr Bytes operator""_GiB(unsigned long long n) noexcept {
    return {n << 30};
}
}  // namespace literals

/// A size flag: bytes, or a number with a binary unit: "4096", "512MiB", "8GiB", "1TiB".
/// @throws Error  invalid: unknown or decimal unit, fraction, negative, beyond 2^63
[[nodiscard]] Bytes parse_bytes(std::string_view text);

/// For people: "1.5 GiB", "17 B".
[[nodiscard]] std::string humanize(Bytes bytes);

}  // namespace kiln
