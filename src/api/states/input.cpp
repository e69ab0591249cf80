#include "api/states/input.hpp"

#include "base/error.hpp"

namespace kiln::api::states {

namespace {

json::value without_nulls(const json::value& value) {
    if (const auto* const object = value.if_object()) {
        json::object kept;
        for (const auto& member : *object) {
            if (!member.value().is_null()) {
                kept[member.key()] = without_nulls(member.value());
            }
        }
        return kept;
    }
    if (const auto* const array = value.if_array()) {
        json::array kept;
        for (const auto& item : *array) {
            kept.push_back(without_nulls(item));
        }
        return kept;
    }
    return value;
}

}  // namespace

const json::value* Input::find(std::string_view name) const noexcept {
    const auto* const value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Input::text(std::string_view name) const {
    auto text = maybe_text(name);
    KILN_CHECK(text.has_value());
    return *std::move(text);
}

std::optional<std::string> Input::maybe_text(std::string_view name) const {
    const auto* const value = find(name);
    return value == nullptr ? std::nullopt : std::optional{std::string{value->as_string()}};
}

bool Input::flag(std::string_view name, bool fallback) const {
    const auto* const value = find(name);
    return value == nullptr ? fallback : value->as_bool();
}

std::optional<std::int64_t> Input::number(std::string_view name) const {
    const auto* const value = find(name);
    return value == nullptr ? std::nullopt : std::optional{value->to_number<std::int64_t>()};
}

std::optional<double> Input::decimal(std::string_view name) const {
    const auto* const value = find(name);
    return value == nullptr ? std::nullopt : std::optional{value->to_number<double>()};
}

std::optional<json::object> Input::object(std::string_view name) const {
    const auto* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    return without_nulls(*value).as_object();
}

std::vector<Input> Input::objects(std::string_view name) const {
    std::vector<Input> found;
    if (const auto* const value = find(name)) {
        for (const auto& item : value->as_array()) {
            found.emplace_back(item.as_object());
        }
    }
    return found;
}

std::vector<std::string> Input::texts(std::string_view name) const {
    std::vector<std::string> found;
    if (const auto* const value = find(name)) {
        for (const auto& item : value->as_array()) {
            found.emplace_back(item.as_string());
        }
    }
    return found;
}

}  // namespace kiln::api::states
