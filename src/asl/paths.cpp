#include "asl/settings.hpp"
#include "base/error.hpp"

#include <utility>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::string_view kNoReference = "Value is not a Reference Path";

/// The path, or why the text is none.
std::variant<jsonpath::Path, std::string> compile(std::string_view text) {
    try {
        return jsonpath::Path::compile(text);
    } catch (const jsonpath::PathError& error) {
        return error.message();
    }
}

bool allowed(const jsonpath::Path& path, RootRule rule) noexcept {
    switch (path.root().kind) {
        case jsonpath::RootKind::input:
            return true;
        case jsonpath::RootKind::context:
            return rule == RootRule::any;
        case jsonpath::RootKind::variable:
            return rule != RootRule::input;
    }
    return false;
}

}  // namespace

std::optional<jsonpath::Path> read_path(const Fields& fields, std::string_view key) {
    const auto text = fields.string(key);
    if (!text) {
        return std::nullopt;
    }
    auto path = compile(*text);
    if (std::holds_alternative<std::string>(path)) {
        fields.report().schema("Value must be a valid JSONPath.", fields.at(key));
        return std::nullopt;
    }
    return std::get<jsonpath::Path>(std::move(path));
}

std::optional<jsonpath::Path> read_reference(
    const Fields& fields, std::string_view key, RootRule rule
) {
    const auto text = fields.string(key);
    if (!text) {
        return std::nullopt;
    }
    std::string why;
    if (text->empty() || text->front() != '$') {
        why = ": Reference path didn't start with '$'";
    } else {
        auto path = compile(*text);
        if (auto* const found = std::get_if<jsonpath::Path>(&path)) {
            if (found->is_reference() && allowed(*found, rule)) {
                return std::move(*found);
            }
        } else {
            why = ": " + std::get<std::string>(path);
        }
    }
    fields.report().schema(std::string{kNoReference} + why, fields.at(key));
    return std::nullopt;
}

PathSetting read_path_setting(const Fields& fields, std::string_view key) {
    const auto* const value = fields.find(key);
    if (value == nullptr) {
        return {};
    }
    if (value->is_null()) {
        return {PathSetting::Kind::null, {}};
    }
    auto path = read_path(fields, key);
    return path ? PathSetting{PathSetting::Kind::path, std::move(path)} : PathSetting{};
}

ResultPath read_result_path(const Fields& fields) {
    constexpr std::string_view kKey = "ResultPath";
    const auto* const value = fields.find(kKey);
    if (value == nullptr) {
        return {};
    }
    if (value->is_null()) {
        return {PathSetting::Kind::null, {}};
    }
    auto path = read_reference(fields, kKey, RootRule::input);
    return path ? ResultPath{PathSetting::Kind::path, std::move(path)} : ResultPath{};
}

std::optional<Setting> reference_setting(
    const Fields& fields, std::string_view key, RootRule rule
) {
    auto path = read_reference(fields, key, rule);
    return path ? std::optional{Setting{key, std::move(*path)}} : std::nullopt;
}

void warn_of_path(const Fields& fields, std::string_view key, std::string_view text) {
    if (text.substr(0, 2) == "$." || text.substr(0, 3) == "$$.") {
        fields.report().warning(
            codes::kNoPath,
            fmt::format(
                "The value of the field '{0}' is a constant; '{0}Path' follows a path", key
            ),
            fields.at(key)
        );
    }
}

std::optional<Setting> expression_setting(const Fields& fields, std::string_view key) {
    const auto text = fields.string(key);
    if (!text) {
        return std::nullopt;
    }
    try {
        auto expression = jsonpath::compile_expression(*text);
        if (auto* const path = std::get_if<jsonpath::Path>(&expression)) {
            return Setting{key, std::move(*path)};
        }
        return Setting{key, std::get<jsonpath::Intrinsic>(std::move(expression))};
    } catch (const jsonpath::ExpressionError&) {
        fields.report().schema(
            "Value must be a valid JSONPath or a valid intrinsic function call", fields.at(key)
        );
        return std::nullopt;
    }
}

}  // namespace kiln::asl
