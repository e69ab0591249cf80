#include "instances/fields.hpp"

#include "instances/names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances::fields {

namespace {

constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kLongestChannel = 80;

bool is_of(std::string_view text, std::size_t longest, std::string_view marks) noexcept {
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      marks.find(c) != std::string_view::npos;
           });
}

}  // namespace

bool is_channel(std::string_view text) noexcept {
    return is_of(text.starts_with('#') ? text.substr(1) : text, kLongestChannel, "._-");
}

std::string word(ObjectReader& reader, std::string_view key, ObjectReader::Need need) {
    auto text = reader.string(key, need);
    if (!text) {
        return "";
    }
    if (text->empty() && need == ObjectReader::Need::required) {
        reader.complain(key, "must not be empty");
    } else if (!text->empty() && !is_of(*text, kLongestWord, "._-")) {
        reader.complain(
            key, fmt::format("must be 1 to {} of A-Z, a-z, 0-9, '.', '_', '-'", kLongestWord)
        );
    }
    return std::move(*text);
}

std::string channel(ObjectReader& reader, std::string_view key) {
    auto text = reader.string(key).value_or("");
    if (!text.empty() && !is_channel(text)) {
        reader.complain(
            key,
            fmt::format(
                "must be a channel, as \"#builds\": up to {} of A-Z, a-z, 0-9, '.', '_', '-'",
                kLongestChannel
            )
        );
    }
    return text;
}

std::string id(ObjectReader& reader, std::string_view key, std::string_view prefix) {
    auto text = reader.string(key).value_or("");
    const auto digits = text.size() > prefix.size() ? text.substr(prefix.size()) : "";
    if (!text.empty() && (!text.starts_with(prefix) || digits.size() < 8 || digits.size() > 17 ||
                          digits.find_first_not_of("0123456789abcdef") != std::string::npos)) {
        reader.complain(key, fmt::format("is no id; one looks like {}0123456789abcdef0", prefix));
    }
    return text;
}

std::string name_template(ObjectReader& reader, std::string_view key) {
    auto text = reader.string(key).value_or("");
    if (!text.empty()) {
        if (const auto problem = name_template_problem(text)) {
            reader.complain(key, *problem);
        }
    }
    return text;
}

std::optional<Duration> seconds(
    ObjectReader& reader, std::string_view key, std::int64_t low, std::int64_t high
) {
    const auto count = reader.integer(key, low, high);
    return count ? std::optional<Duration>{std::chrono::seconds{*count}} : std::nullopt;
}

}  // namespace kiln::instances::fields
