#include "asl/characters.hpp"
#include "asl/settings.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::size_t kLongestName = 80;
constexpr std::string_view kComputed = ".$";

struct Range {
    char32_t first;
    char32_t last;
};

// Blocks of Unicode without letters, digits and marks: signs, punctuation, symbols, private use.
constexpr std::array<Range, 12> kNoLetters{{
    {0x80, 0xA9},
    {0xAB, 0xB4},
    {0xB6, 0xB6},
    {0xB8, 0xB9},
    {0xBB, 0xBF},
    {0xD7, 0xD7},
    {0xF7, 0xF7},
    {0x2000, 0x206F},
    {0x2190, 0x2BFF},
    {0x3000, 0x3004},
    {0xE000, 0xF8FF},
    {0x1F000, 0x1FAFF},
}};

bool is_letter(char32_t c) noexcept {
    if (c < 0x80) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return std::none_of(kNoLetters.begin(), kNoLetters.end(), [&](const Range& range) {
        return c >= range.first && c <= range.last;
    });
}

/// Why AWS does not take a variable's name; "": it does.
std::string_view why_not(std::string_view name) {
    if (name.empty() || !is_letter(character_at(name, 0).code) ||
        !all_characters(name, [](char32_t c) {
            return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == 0xB7;
        })) {
        return "the variable name contains invalid characters.";
    }
    if (count_characters(name) > kLongestName) {
        return "the variable name exceeds the 80-character limit allowed by the service.";
    }
    return "";
}

std::string_view without_suffix(std::string_view key, QueryLanguage language) noexcept {
    if (language == QueryLanguage::jsonpath && key.size() > kComputed.size() &&
        key.substr(key.size() - kComputed.size()) == kComputed) {
        key.remove_suffix(kComputed.size());
    }
    return key;
}

void check_name(
    Report& report, std::string_view name, const GroupContext& group, const std::string& location
) {
    if (name == "states") {
        report.error(
            codes::kReservedVariable, "Cannot assign to reserved variable '$states'.", location
        );
        return;
    }
    if (const auto why = why_not(name); !why.empty()) {
        report.error(
            codes::kVariableName, fmt::format("Invalid variable name '{}': {}", name, why), location
        );
        return;
    }
    if (group.outer_variables.count(std::string{name}) != 0) {
        report.error(
            codes::kDuplicateVariable,
            fmt::format("The variable name '{}' was already defined in a parent scope.", name),
            location
        );
    }
}

}  // namespace

std::optional<Assignments> read_assign(
    const Fields& fields,
    QueryLanguage language,
    const Readable& readable,
    const GroupContext& group
) {
    constexpr std::string_view kKey = "Assign";
    const auto* const object = fields.object(kKey);
    if (object == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const auto& member : *object) {
        const std::string_view key = member.key();
        const auto name = without_suffix(key, language);
        check_name(fields.report(), name, group, below(fields.at(kKey), key));
        names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    auto setting = language == QueryLanguage::jsonpath ? template_setting(fields, kKey)
                                                       : jsonata_setting(fields, kKey, readable);
    if (!setting) {
        return std::nullopt;
    }
    if (auto* const compiled = std::get_if<jsonpath::Template>(&setting->value)) {
        return Assignments{std::move(*compiled), std::move(names)};
    }
    return Assignments{std::get<JsonataTemplate>(std::move(setting->value)), std::move(names)};
}

}  // namespace kiln::asl
