#include "ports/image_version.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace kiln::ports {

namespace {

constexpr std::size_t kLongestName = 128;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Where a trailing ".rN" begins, or the name's end.
std::size_t rebuild_mark(std::string_view name) noexcept {
    const auto dot = name.rfind(".r");
    const bool marked =
        dot != std::string_view::npos && dot != 0 && dot + 2 < name.size() &&
        name.size() - dot <= 8 &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 2, name.end(), is_digit);
    return marked ? dot : name.size();
}

/// Where a trailing date of this shape (`d` a digit) begins, its separator included; npos: no date.
std::size_t date_begin(std::string_view name, std::string_view shape) noexcept {
    if (name.size() < shape.size() + 2) {
        return std::string_view::npos;
    }
    const auto at = name.size() - shape.size();
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 'd' ? !is_digit(name[at + i]) : name[at + i] != shape[i]) {
            return std::string_view::npos;
        }
    }
    const bool century = name.substr(at, 2) == "19" || name.substr(at, 2) == "20";
    const bool separated = std::string_view{"-_./ "}.find(name[at - 1]) != std::string_view::npos;
    return century && separated ? at - 1 : std::string_view::npos;
}

}  // namespace

std::string name_stem(std::string_view name) {
    name = name.substr(0, rebuild_mark(name));
    if (const auto at = name.rfind('@'); at != std::string_view::npos && at != 0) {
        return std::string{name.substr(0, at)};
    }
    for (const std::string_view shape :
         {"dddddddd",
          "dddd-dd-dd",
          "dddd.dd.dd",
          "dddddddd-dddd",
          "dddddddd-dddddd",
          "dddddddddddddd"}) {
        if (const auto begin = date_begin(name, shape); begin != std::string_view::npos) {
            return std::string{name.substr(0, begin)};
        }
    }
    return std::string{name};
}

std::string rebuilt_name(std::string_view name) {
    const auto mark = rebuild_mark(name);
    std::uint32_t number = 0;
    if (mark != name.size()) {
        (void)std::from_chars(name.data() + mark + 2, name.data() + name.size(), number);
    }
    const auto suffix = ".r" + std::to_string(number + 1);
    return std::string{name.substr(0, std::min(mark, kLongestName - suffix.size()))} + suffix;
}

}  // namespace kiln::ports
