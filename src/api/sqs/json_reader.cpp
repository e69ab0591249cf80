#include "api/sqs/json_reader.hpp"

#include "base/base64.hpp"
#include "base/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

/// Coral's words, which SDK users know.
std::string_view token_of(const json::value& value) noexcept {
    switch (value.kind()) {
        case json::kind::string:
            return "STRING_VALUE";
        case json::kind::bool_:
            return value.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE";
        case json::kind::int64:
        case json::kind::uint64:
            return "NUMBER_VALUE";
        case json::kind::double_:
            return "DECIMAL_VALUE";
        case json::kind::array:
            return "START_ARRAY";
        case json::kind::object:
            return "START_OBJECT";
        case json::kind::null:
            break;
    }
    return "NULL_VALUE";
}

[[noreturn]] void refuse(
    const json::value& value,
    const JsonPlace* parent,
    std::string_view name,
    std::string_view wanted
) {
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "{}: {} can not be converted to {}",
            JsonPlace{parent, name}.text(),
            token_of(value),
            wanted
        )};
}

}  // namespace

std::string JsonPlace::text() const {
    return parent == nullptr ? std::string{name} : fmt::format("{}.{}", parent->text(), name);
}

const json::value* JsonReader::find(std::string_view name) {
    asked_.push_back(name);
    const auto* const value = object_.if_contains(name);
    if (value == nullptr) {
        return nullptr;
    }
    ++found_;
    return value->is_null() ? nullptr : value;
}

const json::array* JsonReader::array(std::string_view name) {
    const auto* const value = find(name);
    if (value != nullptr && !value->is_array()) {
        refuse(*value, place_, name, "a List");
    }
    return value == nullptr ? nullptr : &value->get_array();
}

const json::object* JsonReader::object(std::string_view name) {
    const auto* const value = find(name);
    if (value != nullptr && !value->is_object()) {
        refuse(*value, place_, name, "a Map");
    }
    return value == nullptr ? nullptr : &value->get_object();
}

void JsonReader::operator()(std::string_view name, Text& text) {
    if (const auto* const value = find(name)) {
        read(*value, JsonPlace{place_, name}, text.emplace());
    }
}

void JsonReader::operator()(std::string_view name, Number& number) {
    const auto* const value = find(name);
    if (value == nullptr) {
        return;
    }
    if (!value->is_int64()) {
        refuse(*value, place_, name, "an Integer");
    }
    number = value->get_int64();
}

void JsonReader::operator()(std::string_view name, std::optional<Blob>& blob) {
    const auto* const value = find(name);
    if (value == nullptr) {
        return;
    }
    auto bytes = value->is_string() ? from_base64(value->get_string()) : std::nullopt;
    if (!bytes) {
        refuse(*value, place_, name, "a Blob (base64)");
    }
    blob = Blob{std::move(*bytes)};
}

void JsonReader::read(const json::value& value, const JsonPlace& place, std::string& text) {
    if (!value.is_string()) {
        refuse(value, place.parent, place.name, "a String");
    }
    text = value.get_string();
}

const json::object& JsonReader::object_of(const json::value& value, const JsonPlace& place) {
    if (!value.is_object()) {
        refuse(value, place.parent, place.name, "a Structure");
    }
    return value.get_object();
}

void JsonReader::finish() const {
    if (found_ == object_.size()) {
        return;
    }
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    for (const auto& member : object_) {
        const std::string_view name = member.key();
        if (std::find(asked_.begin(), asked_.end(), name) == asked_.end()) {
            throw Error{
                ErrorKind::invalid,
                fmt::format(
                    "unknown member {}{}", JsonPlace{place_, name}.text(), did_you_mean(name, known)
                )};
        }
    }
}

}  // namespace kiln::api::sqs
