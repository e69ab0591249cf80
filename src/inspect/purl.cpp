#include "inspect/purl.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace kiln::inspect {

namespace {

/// Percent-encodes all but the unreserved characters and, as purl asks, the colon.
std::string encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 ||
            std::string_view{"-._~:"}.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", byte);
        }
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return out;
}

/// purl's word for the manager's packages.
std::string_view type_of(const Package& package) {
    if (package.manager == "dpkg") {
        return "deb";
    }
    return package.manager;
}

/// "1:2.3-4" of rpm: the epoch is a qualifier of its own there, and part of the version for deb.
std::pair<std::string, std::string> split_epoch(const Package& package) {
    const auto colon = package.version.find(':');
    if (package.manager != "rpm" || colon == std::string::npos) {
        return {"", package.version};
    }
    return {package.version.substr(0, colon), package.version.substr(colon + 1)};
}

/// Common ones of Linux distributions' packages. Source: spdx.org/licenses, version 3.25.
constexpr std::array<std::string_view, 53> kLicenses{
    "0BSD",
    "AFL-2.1",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-1.1",
    "Apache-2.0",
    "Artistic-1.0-Perl",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-4-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "FSFAP",
    "FSFUL",
    "FTL",
    "GFDL-1.3-or-later",
    "GPL-1.0-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "ISC",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MPL-1.1",
    "MPL-2.0",
    "NCSA",
    "OFL-1.1",
    "OLDAP-2.8",
    "OpenSSL",
    "PSF-2.0",
    "Python-2.0.1",
    "Sleepycat",
    "Unicode-3.0",
    "Unlicense",
    "Vim",
    "X11",
    "Zlib",
    "bzip2-1.0.6",
    "curl",
};
constexpr std::array<std::string_view, 4> kExceptions{
    "Autoconf-exception-3.0", "Bison-exception-2.2", "GCC-exception-3.1", "Linux-syscall-note"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// Words and parentheses of a license expression.
std::vector<std::string_view> tokens(std::string_view text) {
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            ++at;
        } else if (text[at] == '(' || text[at] == ')') {
            found.push_back(text.substr(at++, 1));
        } else {
            const auto end = std::min(text.find_first_of(" ()", at), text.size());
            found.push_back(text.substr(at, end - at));
            at = end;
        }
    }
    return found;
}

/// The grammar of license expressions, SPDX 2.3 annex D, by recursive descent.
class Expression {
  public:
    explicit Expression(std::vector<std::string_view> words) : words_{std::move(words)} {}

    bool valid() { return compound(0) && at_ == words_.size(); }

  private:
    [[nodiscard]] std::string_view peek() const {
        return at_ < words_.size() ? words_[at_] : std::string_view{};
    }

    bool simple(std::size_t depth) {
        if (peek() == "(") {
            ++at_;
            return depth < 32 && compound(depth + 1) && peek() == ")" && ++at_ > 0;
        }
        if (!is_one_of(kLicenses, peek())) {
            return false;
        }
        ++at_;
        if (peek() == "WITH") {
            ++at_;
            return is_one_of(kExceptions, peek()) && ++at_ > 0;
        }
        return true;
    }

    bool compound(std::size_t depth) {
        while (simple(depth)) {
            if (peek() != "AND" && peek() != "OR") {
                return true;
            }
            ++at_;
        }
        return false;
    }

    std::vector<std::string_view> words_;
    std::size_t at_ = 0;
};

}  // namespace

std::string package_url(const Package& package, const OsRelease& release) {
    const auto [epoch, version] = split_epoch(package);
    auto url = fmt::format(
        "pkg:{}/{}/{}@{}",
        type_of(package),
        encode(lower(release.id)),
        encode(package.manager == "rpm" ? package.name : lower(package.name)),
        encode(version)
    );
    // Qualifiers in the order of their names, as the canonical form has them.
    std::vector<std::pair<std::string_view, std::string>> qualifiers;
    if (!package.architecture.empty()) {
        qualifiers.emplace_back("arch", package.architecture);
    }
    if (!release.version_id.empty()) {
        qualifiers.emplace_back("distro", release.id + "-" + release.version_id);
    }
    if (!epoch.empty()) {
        qualifiers.emplace_back("epoch", epoch);
    }
    char separator = '?';
    for (const auto& [key, value] : qualifiers) {
        url += fmt::format("{}{}={}", std::exchange(separator, '&'), key, encode(value));
    }
    return url;
}

std::string spdx_license(std::string_view declared) {
    return Expression{tokens(declared)}.valid() ? std::string{declared} : "NOASSERTION";
}

}  // namespace kiln::inspect
