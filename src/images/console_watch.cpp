#include "images/console_watch.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>

namespace kiln::images {

namespace {

constexpr std::size_t kKept = 64U << 10;
constexpr std::size_t kLongestEscape = 64;

/// Nothing good comes after these.
constexpr std::array<std::string_view, 8> kFailures{
    "Kernel panic",
    "No bootable device",
    "Boot failed: not a bootable disk",
    "No suitable boot device",
    "does not exist.  Dropping to a shell!",
    "You are in emergency mode",
    "Entering emergency mode",
    "Give root password for maintenance",
};

/// Is the escape sequence over? Source: ECMA-48, 5.4 (CSI: ends at 0x40 to 0x7e).
bool is_over(std::string_view escape) {
    if (escape.size() < 2) {
        return false;
    }
    const char last = escape.back();
    if (escape[1] == '[') {
        return escape.size() > 2 && last >= '@' && last <= '~';
    }
    if (escape[1] == ']') {
        return last == '\a' || escape.ends_with("\x1b\\");
    }
    return true;
}

}  // namespace

ConsoleWatch::ConsoleWatch(std::vector<std::string> markers) : markers_{std::move(markers)} {}

std::optional<ConsoleWatch::Verdict> ConsoleWatch::feed(std::string_view bytes) {
    std::size_t longest = 64;
    for (const auto& marker : markers_) {
        longest = std::max(longest, marker.size());
    }
    for (const char c : bytes) {
        if (!escape_.empty() || c == '\x1b') {
            escape_ += c;
            if (is_over(escape_) || escape_.size() > kLongestEscape) {
                escape_.clear();
            }
        } else if (c != '\r' && c != '\0') {
            text_ += c;
        }
    }
    const std::string_view fresh = std::string_view{text_}.substr(seen_);
    for (const auto& marker : markers_) {
        if (fresh.find(marker) != std::string_view::npos) {
            return Verdict{true, marker};
        }
    }
    for (const auto failure : kFailures) {
        if (fresh.find(failure) != std::string_view::npos) {
            return Verdict{false, std::string{failure}};
        }
    }
    if (text_.size() > 2 * kKept) {
        text_.erase(0, text_.size() - kKept);
    }
    seen_ = text_.size() - std::min(text_.size(), longest);
    return std::nullopt;
}

std::string ConsoleWatch::tail(std::size_t lines) const {
    std::string_view text = text_;
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    auto start = text.size();
    for (std::size_t i = 0; i < lines && start != std::string_view::npos && start > 0; ++i) {
        start = text.rfind('\n', start - 1);
    }
    const auto first = start == std::string_view::npos ? 0 : (start == 0 ? 0 : start + 1);
    return to_utf8(text.substr(std::min(first, text.size())));
}

const std::vector<std::string>& default_markers() {
    static const std::vector<std::string> markers{
        "login:",
        "Reached target multi-user.target",
        "Reached target Multi-User System",
        "Reached target graphical.target",
        "Reached target Graphical Interface",
    };
    return markers;
}

}  // namespace kiln::images
