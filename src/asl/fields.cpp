#include "asl/fields.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

/// A double as Java shows it: with a fraction.
std::string decimal(double value) {
    return value == std::floor(value) ? fmt::format("{:.1f}", value) : fmt::format("{}", value);
}

std::size_t count_of(const Fields& fields, Names keys) {
    return static_cast<std::size_t>(std::count_if(keys.begin(), keys.end(), [&](auto key) {
        return fields.has(key);
    }));
}

Names span_of(const std::initializer_list<std::string_view>& keys) {
    return {keys.begin(), keys.size()};
}

}  // namespace

std::string listed(Names names) {
    return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string Fields::at(std::string_view key) const {
    return below(where_, key);
}

std::string Fields::at(std::string_view key, std::size_t index) const {
    return fmt::format("{}/{}[{}]", where_, key, index);
}

const json::value* Fields::find(std::string_view key) const {
    return object_.if_contains(key);
}

void Fields::wrong_type(std::string_view key, std::string_view type) const {
    report().schema(fmt::format("Expected value of type {}", type), at(key));
}

std::optional<std::string> Fields::string(std::string_view key) const {
    const auto* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        wrong_type(key, "[STRING]");
        return std::nullopt;
    }
    return std::string{value->as_string()};
}

std::optional<bool> Fields::boolean(std::string_view key) const {
    const auto* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_bool()) {
        wrong_type(key, "[BOOLEAN]");
        return std::nullopt;
    }
    return value->as_bool();
}

std::optional<std::int64_t> Fields::integer(
    std::string_view key, std::int64_t low, std::int64_t high
) const {
    const auto* const value = find(key);
    return value == nullptr ? std::nullopt : read_integer(report(), *value, low, high, at(key));
}

std::optional<double> Fields::number(std::string_view key, double low, double high) const {
    const auto* const value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_number()) {
        wrong_type(key, "Float");
        return std::nullopt;
    }
    const auto number = value->to_number<double>();
    if (!(number >= low)) {
        report().schema("Minimum value is " + decimal(low), at(key));
        return std::nullopt;
    }
    if (low <= high && number > high) {
        report().schema("Maximum value is " + decimal(high), at(key));
        return std::nullopt;
    }
    return number;
}

const json::object* Fields::object(std::string_view key) const {
    const auto* const value = find(key);
    if (value != nullptr && !value->is_object()) {
        wrong_type(key, "[OBJECT]");
    }
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* Fields::array(std::string_view key) const {
    const auto* const value = find(key);
    if (value != nullptr && !value->is_array()) {
        wrong_type(key, "[ARRAY]");
    }
    return value == nullptr ? nullptr : value->if_array();
}

const json::array* Fields::filled_array(std::string_view key) const {
    const auto* const items = array(key);
    if (items != nullptr && items->empty()) {
        report().schema("Value cannot be empty", at(key));
        return nullptr;
    }
    return items;
}

std::optional<std::string> Fields::one_of(
    std::string_view key, std::initializer_list<std::string_view> values
) const {
    auto text = string(key);
    if (text && std::find(values.begin(), values.end(), *text) == values.end()) {
        report().schema(
            "Value should be one of the following: " + listed(span_of(values)), at(key)
        );
        return std::nullopt;
    }
    return text;
}

bool Fields::require(std::initializer_list<std::string_view> keys) const {
    std::vector<std::string_view> missing;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(missing), [&](auto key) {
        return !has(key);
    });
    if (!missing.empty()) {
        report().schema("These fields are required: " + listed(missing), where_);
    }
    return missing.empty();
}

void Fields::only(Names keys) const {
    for (const auto& member : object_) {
        const std::string_view key = member.key();
        if (key != "Comment" && std::find(keys.begin(), keys.end(), key) == keys.end()) {
            report().schema(fmt::format("Field '{}' is not supported", key), where_);
        }
    }
}

void Fields::only(std::initializer_list<std::string_view> keys) const {
    only(span_of(keys));
}

bool Fields::at_most_one(Names keys) const {
    if (count_of(*this, keys) > 1) {
        report().schema(
            "There should only be one of the following fields: " + listed(keys), where_
        );
        return false;
    }
    return true;
}

bool Fields::at_most_one(std::initializer_list<std::string_view> keys) const {
    return at_most_one(span_of(keys));
}

bool Fields::exactly_one(Names keys) const {
    if (count_of(*this, keys) == 0) {
        report().schema(
            "This object should have only one of the following fields: " + listed(keys), where_
        );
        return false;
    }
    return at_most_one(keys);
}

std::optional<std::int64_t> read_integer(
    Report& report,
    const json::value& value,
    std::int64_t low,
    std::int64_t high,
    const std::string& location
) {
    // Beyond this a double does not tell whole numbers apart, and no field allows as much.
    constexpr double kLargest = 9007199254740992.0;
    const auto number = value.is_number() ? value.to_number<double>() : std::nan("");
    if (!value.is_number() || number != std::floor(number)) {
        report.schema("Expected value of type Integer", location);
        return std::nullopt;
    }
    const auto whole = static_cast<std::int64_t>(std::clamp(number, -kLargest, kLargest));
    if (whole < low) {
        report.schema(fmt::format("Minimum value is {}", low), location);
        return std::nullopt;
    }
    if (whole > high) {
        report.schema(fmt::format("Maximum value is {}", high), location);
        return std::nullopt;
    }
    return whole;
}

}  // namespace kiln::asl
