#include "release/supported.hpp"

#include <algorithm>
#include <set>
#include <sstream>

namespace kiln::release {

namespace {

std::set<std::string> lines_of(const std::string& text) {
    constexpr std::string_view kBlanks = " \t\r";
    std::set<std::string> out;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        line = line.substr(0, line.find('#'));
        const auto first = line.find_first_not_of(kBlanks);
        if (first != std::string::npos) {
            out.insert(line.substr(first, line.find_last_not_of(kBlanks) - first + 1));
        }
    }
    return out;
}

bool fits_one(const Distro& distro, std::string_view version) {
    return distro.versions.empty() ||
           std::ranges::any_of(distro.versions, [&](const std::string& pattern) {
               return fits(pattern, version);
           });
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == text;
    }
    const auto front = pattern.substr(0, star);
    if (!text.starts_with(front)) {
        return false;
    }
    const auto rest = pattern.substr(star + 1);
    for (auto behind = text.substr(front.size());; behind.remove_prefix(1)) {
        if (fits(rest, behind)) {
            return true;
        }
        if (behind.empty()) {
            return false;
        }
    }
}

Supported supported_distros(
    const Distros& distros,
    std::string_view version,
    const Order& order,
    const std::optional<std::string>& listed
) {
    const auto names = listed ? lines_of(*listed) : std::set<std::string>{};
    Supported out;
    for (const auto& distro : distros.known) {
        const bool asked = std::ranges::find(order.distros, distro.name) != order.distros.end();
        if (!asked && !order.distros.empty()) {
            continue;
        }
        const bool made = fits_one(distro, version) && (!listed || names.contains(distro.name));
        if (made) {
            out.supported.push_back(distro.name);
        } else if (asked) {
            out.not_supported.push_back(distro.name);
        }
    }
    return out;
}

}  // namespace kiln::release
