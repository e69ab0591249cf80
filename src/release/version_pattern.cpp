#include "release/version_pattern.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace kiln::release {

namespace {

constexpr std::size_t kWidest = 18;  ///< digits that still are a number

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error{ErrorKind::invalid, fmt::format("\"{}\" is no pattern of versions: {}", text, why)};
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || is_digit(c);
    };
    return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, letter);
}

int number(const std::map<std::string, std::string>& parts, const std::string& name) {
    int out = -1;
    const auto& text = parts.at(name);
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

bool is_day(const std::map<std::string, std::string>& parts) {
    if (!parts.contains("Year") || !parts.contains("Month") || !parts.contains("Day")) {
        return true;
    }
    const std::chrono::year_month_day day{
        std::chrono::year{number(parts, "Year")},
        std::chrono::month{static_cast<unsigned>(number(parts, "Month"))},
        std::chrono::day{static_cast<unsigned>(number(parts, "Day"))}};
    return day.ok();
}

}  // namespace

/// The part that `rest` begins with, and takes it off.
VersionPattern::Digits VersionPattern::read_digits(std::string_view text, std::string_view& rest) {
    const auto close = rest.find('}');
    if (close == std::string_view::npos) {
        refuse(text, "a brace is not closed");
    }
    const auto inside = rest.substr(1, close - 1);
    const auto colon = inside.find(':');
    Digits digits{std::string{inside.substr(0, colon)}, 0};
    if (colon != std::string_view::npos) {
        const auto width = inside.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(width.data(), width.data() + width.size(), digits.width);
        if (error != std::errc{} || end != width.data() + width.size() || digits.width == 0 ||
            digits.width > kWidest) {
            refuse(text, "a width is 1 to 18, as in {Year:4}");
        }
    }
    if (!is_name(digits.name)) {
        refuse(text, "in braces stands a name, as in {Major}");
    }
    rest.remove_prefix(close + 1);
    return digits;
}

VersionPattern VersionPattern::parse(std::string_view text) {
    VersionPattern pattern;
    pattern.text_ = text;
    auto rest = text;
    while (!rest.empty()) {
        if (rest.front() != '{') {
            const auto length = std::min(rest.find('{'), rest.size());
            if (rest.substr(0, length).find_first_of("} \t\n*/") != std::string_view::npos) {
                refuse(
                    text,
                    "only digits' places in braces, letters, digits and . _ + ~ - may be in it"
                );
            }
            pattern.parts_.emplace_back(std::string{rest.substr(0, length)});
            rest.remove_prefix(length);
            continue;
        }
        auto digits = read_digits(text, rest);
        const auto names = pattern.names();
        if (std::ranges::find(names, digits.name) != names.end()) {
            refuse(text, fmt::format("it has {{{}}} twice", digits.name));
        }
        const bool joined =
            !pattern.parts_.empty() && std::holds_alternative<Digits>(pattern.parts_.back());
        if (joined && std::get<Digits>(pattern.parts_.back()).width == 0) {
            refuse(text, "between two parts without a width stands something else than digits");
        }
        pattern.parts_.emplace_back(std::move(digits));
    }
    if (pattern.names().empty()) {
        refuse(text, "it has no part, as {Major}");
    }
    return pattern;
}

std::optional<std::map<std::string, std::string>> VersionPattern::split(std::string_view version
) const {
    std::map<std::string, std::string> out;
    for (const auto& part : parts_) {
        if (const auto* text = std::get_if<std::string>(&part)) {
            if (!version.starts_with(*text)) {
                return std::nullopt;
            }
            version.remove_prefix(text->size());
            continue;
        }
        const auto& digits = std::get<Digits>(part);
        const auto most = digits.width == 0 ? kWidest : digits.width;
        std::size_t length = 0;
        while (length < version.size() && length < most && is_digit(version[length])) {
            ++length;
        }
        if (length == 0 || (digits.width != 0 && length != digits.width)) {
            return std::nullopt;
        }
        out[digits.name] = version.substr(0, length);
        version.remove_prefix(length);
    }
    return version.empty() ? std::optional{std::move(out)} : std::nullopt;
}

std::optional<std::map<std::string, std::string>> VersionPattern::match(std::string_view version
) const {
    auto parts = split(version);
    return parts && is_day(*parts) ? std::move(parts) : std::nullopt;
}

bool VersionPattern::has_shape_of(std::string_view version) const {
    return split(version).has_value();
}

std::optional<std::string> VersionPattern::of_day(TimePoint time) const {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    std::string out;
    for (const auto& part : parts_) {
        if (const auto* text = std::get_if<std::string>(&part)) {
            out += *text;
            continue;
        }
        const auto& digits = std::get<Digits>(part);
        const auto value = digits.name == "Year"    ? static_cast<int>(day.year())
                           : digits.name == "Month" ? static_cast<int>(unsigned{day.month()})
                           : digits.name == "Day"   ? static_cast<int>(unsigned{day.day()})
                                                    : -1;
        if (value < 0) {
            return std::nullopt;
        }
        out += fmt::format("{:0{}}", value, digits.width);
    }
    return out;
}

std::vector<std::string> VersionPattern::names() const {
    std::vector<std::string> out;
    for (const auto& part : parts_) {
        if (const auto* digits = std::get_if<Digits>(&part)) {
            out.push_back(digits->name);
        }
    }
    return out;
}

std::string VersionPattern::shown() const {
    std::string out;
    for (const auto& part : parts_) {
        if (const auto* text = std::get_if<std::string>(&part)) {
            out += *text;
            continue;
        }
        const auto& digits = std::get<Digits>(part);
        const char letter = digits.name == "Year"    ? 'Y'
                            : digits.name == "Month" ? 'M'
                            : digits.name == "Day"   ? 'D'
                                                     : 'N';
        out += std::string(std::max<std::size_t>(digits.width, 1), letter);
    }
    return out;
}

}  // namespace kiln::release
