#include "base/bytes.hpp"

#include "base/error.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln {

namespace {
constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
constexpr std::uint64_t kLargest = std::uint64_t{1} << 63;
}  // namespace

Bytes parse_bytes(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    for (std::size_t i = 0; error == std::errc{} && i < kUnits.size(); ++i) {
        const bool matches = unit == kUnits[i] || (unit.empty() && i == 0);
        if (matches && count <= (kLargest >> (10 * i))) {
            return {count << (10 * i)};
        }
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format("'{}' is not a size; write bytes or a binary unit: 4096, 512MiB, 8GiB", text)};
}

std::string humanize(Bytes bytes) {
    auto value = static_cast<double>(bytes.count);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    const bool whole = unit == 0 || value >= 100;
    return whole ? fmt::format("{:.0f} {}", value, kUnits[unit])
                 : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace kiln
