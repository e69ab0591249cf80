// Wait, Fail and Parallel.

#include "asl/settings.hpp"
#include "asl/state_reader.hpp"
#include "asl/timestamp.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::int64_t kLongestSeconds = 99'999'999;

std::optional<Setting> timestamp_setting(const Fields& fields, QueryLanguage language) {
    constexpr std::string_view kKey = "Timestamp";
    const auto text = fields.string(kKey);
    if (!text) {
        return std::nullopt;
    }
    if (language == QueryLanguage::jsonata && is_jsonata(*text)) {
        return jsonata_setting(fields, kKey);
    }
    if (!is_timestamp(*text)) {
        fields.report().schema("String does not match RFC3339 timestamp", fields.at(kKey));
        return std::nullopt;
    }
    return Setting{kKey, json::value(*text)};
}

/// Text, an expression, or what stands at `path_key`.
std::optional<Setting> text_setting(
    const Fields& fields, QueryLanguage language, std::string_view key, std::string_view path_key
) {
    if (language == QueryLanguage::jsonpath && fields.has(path_key)) {
        return fields.at_most_one({key, path_key}) ? expression_setting(fields, path_key)
                                                   : std::nullopt;
    }
    auto text = fields.string(key);
    if (!text) {
        return std::nullopt;
    }
    if (language == QueryLanguage::jsonata) {
        return jsonata_setting(fields, key);
    }
    warn_of_path(fields, key, *text);
    return Setting{key, json::value(*text)};
}

}  // namespace

WaitFields read_wait(const Fields& fields, QueryLanguage language) {
    constexpr std::array<std::string_view, 4> kOneOf{
        "SecondsPath", "Seconds", "TimestampPath", "Timestamp"};
    std::optional<Setting> until;
    if (fields.exactly_one(kOneOf)) {
        if (fields.has("SecondsPath")) {
            until = reference_setting(fields, "SecondsPath");
        } else if (fields.has("TimestampPath")) {
            until = reference_setting(fields, "TimestampPath");
        } else if (fields.has("Seconds")) {
            until = integer_setting(fields, language, "Seconds", "SecondsPath", 0, kLongestSeconds);
        } else {
            until = timestamp_setting(fields, language);
        }
    }
    return {until ? std::move(*until) : Setting{"Seconds", json::value(0)}};
}

FailFields read_fail(const Fields& fields, QueryLanguage language) {
    return {
        text_setting(fields, language, "Error", "ErrorPath"),
        text_setting(fields, language, "Cause", "CausePath"),
    };
}

ParallelFields read_parallel(const Fields& fields, const GroupContext& group) {
    ParallelFields parallel;
    fields.require({"Branches"});
    const auto* const branches = fields.filled_array("Branches");
    if (branches == nullptr) {
        return parallel;
    }
    const auto inner = inner_context(group, group.express, false);
    for (std::size_t i = 0; i < branches->size(); ++i) {
        const auto where = fields.at("Branches", i);
        if (const auto* const branch = (*branches)[i].if_object()) {
            parallel.branches.push_back(read_group({fields.session(), *branch, where}, inner, ""));
        } else {
            fields.report().schema("Expected value of type [OBJECT]", where);
        }
    }
    return parallel;
}

}  // namespace kiln::asl
