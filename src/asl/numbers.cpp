#include "asl/settings.hpp"

namespace kiln::asl {

namespace {

/// What both kinds of numbers have in common: the path, or the expression. nullopt: a constant.
std::optional<Setting> computed(
    const Fields& fields,
    QueryLanguage language,
    std::string_view key,
    std::string_view path_key,
    RootRule rule,
    bool& done
) {
    done = true;
    if (language == QueryLanguage::jsonpath && fields.has(path_key)) {
        if (!fields.at_most_one({key, path_key})) {
            return std::nullopt;
        }
        return reference_setting(fields, path_key, rule);
    }
    const auto* const value = fields.find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (language == QueryLanguage::jsonata && value->is_string() &&
        is_jsonata(value->as_string())) {
        return jsonata_setting(fields, key);
    }
    done = false;
    return std::nullopt;
}

}  // namespace

std::optional<Setting> integer_setting(
    const Fields& fields,
    QueryLanguage language,
    std::string_view key,
    std::string_view path_key,
    std::int64_t low,
    std::int64_t high,
    RootRule rule
) {
    bool done = false;
    auto setting = computed(fields, language, key, path_key, rule, done);
    if (done) {
        return setting;
    }
    const auto number = fields.integer(key, low, high);
    return number ? std::optional{Setting{key, json::value(*number)}} : std::nullopt;
}

std::optional<Setting> percentage_setting(
    const Fields& fields, QueryLanguage language, std::string_view key, std::string_view path_key
) {
    bool done = false;
    auto setting = computed(fields, language, key, path_key, RootRule::no_context, done);
    if (done) {
        return setting;
    }
    const auto number = fields.number(key, 0.0, 100.0);
    return number ? std::optional{Setting{key, json::value(*number)}} : std::nullopt;
}

}  // namespace kiln::asl
