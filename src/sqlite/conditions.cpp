#include "sqlite/conditions.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::sqlite {

namespace {

/// SQLite takes expressions 1000 deep; what is longer is filtered by the caller.
constexpr std::size_t kMostAlternatives = 100;
/// Nothing that is matched is longer.
constexpr std::size_t kLongestPattern = 1'000;

bool is_plain(std::string_view pattern) {
    return pattern.find_first_of("*?\\") == std::string_view::npos;
}

void append_literal(std::string& like, char c) {
    if (c == '%' || c == '_' || c == '\\') {
        like += '\\';
    }
    like += c;
}

}  // namespace

std::string like_pattern(std::string_view wildcard) {
    std::string like;
    for (std::size_t i = 0; i < wildcard.size(); ++i) {
        const char c = wildcard[i];
        if (c == '*') {
            like += '%';
        } else if (c == '?') {
            like += '_';
        } else if (c == '\\' && i + 1 < wildcard.size()) {
            append_literal(like, wildcard[++i]);
        } else {
            append_literal(like, c);
        }
    }
    return like;
}

std::string Conditions::parameter(std::string value) {
    values_.push_back(std::move(value));
    return fmt::format("${}", values_.size());
}

void Conditions::older_than(const std::string& bake) {
    terms_.push_back(fmt::format(
        "(created_us, id) < (SELECT created_us, id FROM bakes WHERE id = {})", parameter(bake)
    ));
}

void Conditions::one_of(std::string_view column, const std::vector<std::string>& values) {
    if (values.empty() || values.size() > kMostAlternatives) {
        return;
    }
    std::vector<std::string> parameters;
    for (const auto& value : values) {
        parameters.push_back(parameter(value));
    }
    terms_.push_back(fmt::format("{} IN ({})", column, fmt::join(parameters, ", ")));
}

std::string Conditions::alternatives(
    std::string_view column, const std::vector<std::string>& patterns
) {
    std::vector<std::string> terms;
    for (const auto& pattern : patterns) {
        terms.push_back(
            is_plain(pattern)
                ? fmt::format("{} = {}", column, parameter(pattern))
                : fmt::format("{} LIKE {} ESCAPE '\\'", column, parameter(like_pattern(pattern)))
        );
    }
    return fmt::format("({})", fmt::join(terms, " OR "));
}

namespace {

bool fits(const std::vector<std::string>& patterns) {
    return !patterns.empty() && patterns.size() <= kMostAlternatives &&
           std::all_of(patterns.begin(), patterns.end(), [](const auto& pattern) {
               return pattern.size() <= kLongestPattern;
           });
}

}  // namespace

void Conditions::like_one_of(std::string_view column, const std::vector<std::string>& patterns) {
    if (fits(patterns)) {
        terms_.push_back(alternatives(column, patterns));
    }
}

void Conditions::tagged(
    std::string_view column, const std::string& key, const std::vector<std::string>& values
) {
    if (fits(values)) {
        const auto wanted_key = parameter(key);
        terms_.push_back(fmt::format(
            "{} IN (SELECT resource FROM tags WHERE key = {} AND {})",
            column,
            wanted_key,
            alternatives("value", values)
        ));
    }
}

std::string Conditions::where() const {
    return terms_.empty() ? "" : fmt::format(" WHERE {}", fmt::join(terms_, " AND "));
}

void Conditions::bind_to(Statement& statement) const {
    int at = 0;
    for (const auto& value : values_) {
        statement.bind(++at, value);
    }
}

}  // namespace kiln::sqlite
