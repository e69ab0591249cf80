#include "release/names.hpp"

#include "base/sha256.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::size_t kLongestName = 80;
constexpr std::size_t kLongestWords = 30;
constexpr std::size_t kLongestUser = 16;
constexpr std::size_t kDigestDigits = 8;

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// Letters and digits of ASCII, and . _ -; anything else becomes "_".
std::string plain(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text.substr(0, limit)) {
        const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || is_upper(c) ||
                          c == '.' || c == '_' || c == '-';
        out += good ? c : '_';
    }
    return out;
}

}  // namespace

std::string kebab(std::string_view step) {
    std::string out;
    for (std::size_t i = 0; i < step.size(); ++i) {
        // An abbreviation is one word: "UpdateOSImage" -> "update-os-image".
        const bool begins_word =
            is_upper(step[i]) && i > 0 &&
            (!is_upper(step[i - 1]) ||
             (i + 1 < step.size() && step[i + 1] >= 'a' && step[i + 1] <= 'z'));
        if (begins_word) {
            out += '-';
        }
        out += is_upper(step[i]) ? static_cast<char>(step[i] - 'A' + 'a') : step[i];
    }
    return out;
}

std::string activity_name(std::string_view plan, std::string_view step) {
    const auto name = fmt::format("{}-{}", plan, kebab(step));
    if (name.size() <= kLongestName) {
        return name;
    }
    const auto digest = sha256(name).substr(0, kDigestDigits);
    return name.substr(0, kLongestName - kDigestDigits - 1) + "-" + digest;
}

std::string functions_activity(std::string_view plan) {
    return fmt::format("{}-functions", plan);
}

std::string tick_activity(std::string_view plan) {
    return fmt::format("{}-tick", plan);
}

std::string task_name(std::string_view step, std::string_view version, std::string_view distro) {
    std::string out{step};
    for (const auto part : {version, distro}) {
        if (!part.empty()) {
            out += '-';
            out += part;
        }
    }
    return out;
}

std::string execution_prefix(const std::vector<std::string>& words) {
    const auto all = fmt::format("{}", fmt::join(words, "_"));
    const auto digest = sha256(fmt::format("{}", fmt::join(words, " "))).substr(0, kDigestDigits);
    return fmt::format("{}-{}-", all.empty() ? "all" : plain(all, kLongestWords), digest);
}

std::string execution_name(
    const std::vector<std::string>& words,
    std::string_view user,
    TimePoint now,
    std::string_view again
) {
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(now - day)};
    return fmt::format(
        "{}{}-{:04}{:02}{:02}-{:02}{:02}{:02}{}{}",
        execution_prefix(words),
        user.empty() ? "nobody" : plain(user, kLongestUser),
        static_cast<int>(date.year()),
        unsigned{date.month()},
        unsigned{date.day()},
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count(),
        again.empty() ? "" : "-",
        again
    );
}

}  // namespace kiln::release
