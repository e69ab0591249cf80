#pragma once

#include "jsonata/jsonata.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

namespace kiln::jsonata::testing {

/// A world that stands still.
inline World fixed_world() {
    return {
        .now = parse_time("2026-02-03T04:05:06.789Z"),
        .random = [] { return 0.25; },
        .uuid = [] { return std::string{"6b1f3c8e-0000-4000-8000-0000000000ff"}; }};
}

/// The result as JSON; "undefined"; or "!" with the error's code.
inline std::string evaluated(
    std::string_view text, std::string_view input = "", std::string_view bindings = "{}"
) {
    const auto document = input.empty() ? json::value{} : json::parse(input);
    const auto values = json::parse(bindings);
    Bindings variables;
    for (const auto& [name, value] : values.as_object()) {
        variables.emplace(name, &value);
    }
    try {
        const auto out = evaluate(
            compile(text), input.empty() ? nullptr : &document, variables, {}, fixed_world()
        );
        return out ? json::serialize(*out) : "undefined";
    } catch (const Error& error) {
        return "!" + error.code();
    }
}

/// The error that an expression ends with, as it is compiled or evaluated.
inline std::optional<Error> failure_of(std::string_view text, const Limits& limits = {}) {
    try {
        (void)evaluate(compile(text), nullptr, {}, limits, fixed_world());
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

/// An expression, what it is applied to, and its result as `evaluated` shows it.
struct Row {
    std::string_view text;
    std::string_view input;
    std::string_view result;
};

inline void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        EXPECT_EQ(evaluated(row.text, row.input), row.result) << row.text;
    }
}

}  // namespace kiln::jsonata::testing
