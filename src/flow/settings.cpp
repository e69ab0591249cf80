#include "flow/settings.hpp"

#include "flow/json_text.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace kiln::flow {
namespace {

/// JSONata's name of a value's type.
std::string_view type_name(const json::value& value) noexcept {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "boolean";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "number";
        case json::kind::string:
            return "string";
        case json::kind::array:
            return "array";
        case json::kind::object:
            return "object";
    }
    return "null";
}

std::optional<double> as_real(const json::value& value) {
    if (value.is_number()) {
        return value.to_number<double>();
    }
    const auto* text = value.if_string();
    if (text == nullptr || text->empty()) {
        return std::nullopt;
    }
    double number = 0;
    const auto end = std::from_chars(text->data(), text->data() + text->size(), number);
    return end.ec == std::errc{} && end.ptr == text->data() + text->size() ? std::optional{number}
                                                                           : std::nullopt;
}

/// Without the "Path" of the field that gives it.
std::string_view base_name(std::string_view field) noexcept {
    return field.ends_with("Path") ? field.substr(0, field.size() - 4) : field;
}

bool is_query(const asl::Setting& setting) noexcept {
    return std::holds_alternative<asl::JsonataTemplate>(setting.value);
}

/// What is not a number of the kind that the field wants.
StateFailure not_valid(
    const DataFlow& data,
    const asl::Setting& setting,
    const json::value& value,
    std::string_view kind
) {
    return data.runtime_failure(fmt::format(
        "The {} field refers to value \"{}\" which is not a valid {}: {}",
        setting.field,
        plain_text(value),
        kind,
        path_text(setting)
    ));
}

/// A number of a JSONata field that the field does not take.
StateFailure refused_number(
    const DataFlow& data, const asl::Setting& setting, std::string_view what
) {
    const bool query = is_query(setting);
    return query ? data.query_failure(what, std::string{setting.field})
                 : data.runtime_failure(what);
}

}  // namespace

std::string_view path_text(const asl::Setting& setting) noexcept {
    const auto* path = std::get_if<jsonpath::Path>(&setting.value);
    return path != nullptr ? std::string_view{path->text()} : std::string_view{};
}

std::string plain_text(const json::value& value) {
    const auto* text = value.if_string();
    return text != nullptr ? std::string{*text} : json_text(value);
}

std::optional<std::int64_t> as_whole(const json::value& value) {
    if (const auto* whole = value.if_int64()) {
        return *whole;
    }
    if (const auto* large = value.if_uint64()) {
        return *large <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}
                   ? std::optional{static_cast<std::int64_t>(*large)}
                   : std::nullopt;
    }
    if (const auto* real = value.if_double()) {
        constexpr double kExact = 9.0e15;
        const bool exact = std::trunc(*real) == *real && std::fabs(*real) < kExact;
        return exact ? std::optional{static_cast<std::int64_t>(*real)} : std::nullopt;
    }
    const auto* text = value.if_string();
    if (text == nullptr || text->empty()) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const auto end = std::from_chars(text->data(), text->data() + text->size(), number);
    return end.ec == std::errc{} && end.ptr == text->data() + text->size() ? std::optional{number}
                                                                           : std::nullopt;
}

StateFailure unexpected_type(
    const DataFlow& data,
    const asl::JsonataTemplate& from,
    std::string_view field,
    std::string_view type,
    const json::value& value
) {
    const auto* written = std::get_if<asl::JsonataField>(&from.node);
    return data.query_failure(
        fmt::format(
            "The JSONata expression '{}' specified for the field '{}' returned an unexpected "
            "result type. Expected '{}', but was '{}' for value: {}",
            written != nullptr ? written->text : "",
            field,
            type,
            type_name(value),
            json_text(value)
        ),
        std::string{field}
    );
}

Payload query_of_type(DataFlow& data, const asl::Setting& setting, std::string_view type) {
    auto value = data.evaluate(setting);
    if (type_name(*value) != type && is_query(setting)) {
        throw unexpected_type(
            data, std::get<asl::JsonataTemplate>(setting.value), setting.field, type, *value
        );
    }
    return value;
}

std::int64_t count_of(DataFlow& data, const asl::Setting& setting) {
    const auto value = query_of_type(data, setting, "number");
    const auto whole = as_whole(*value);
    const bool fraction = value->is_double() && !is_query(setting);
    if (!whole || fraction) {
        if (is_query(setting)) {
            throw refused_number(
                data, setting, fmt::format("The {} field must be a whole number.", setting.field)
            );
        }
        throw not_valid(data, setting, *value, "integer");
    }
    if (*whole < 0) {
        throw refused_number(
            data, setting, fmt::format("{} cannot be negative.", base_name(setting.field))
        );
    }
    return *whole;
}

double percentage_of(DataFlow& data, const asl::Setting& setting) {
    const auto value = query_of_type(data, setting, "number");
    const auto real = as_real(*value);
    if (!real) {
        throw not_valid(data, setting, *value, "float");
    }
    if (!(*real >= 0 && *real <= 100)) {
        throw refused_number(
            data, setting, fmt::format("{} must be between 0 and 100.", base_name(setting.field))
        );
    }
    return *real;
}

std::int64_t seconds_of_setting(DataFlow& data, const asl::Setting& setting) {
    const auto value = query_of_type(data, setting, "number");
    const auto whole = as_whole(*value);
    const auto shown = [&] {
        return is_query(setting) ? plain_text(*value)
                                 : fmt::format("{} == {}", path_text(setting), plain_text(*value));
    };
    if (!whole || (value->is_double() && !is_query(setting))) {
        throw refused_number(
            data,
            setting,
            fmt::format(
                "The {} parameter cannot be parsed as a long value: {}", setting.field, shown()
            )
        );
    }
    if (*whole < 0) {
        throw refused_number(
            data,
            setting,
            fmt::format("The {} parameter references a negative value: {}", setting.field, shown())
        );
    }
    return *whole;
}

}  // namespace kiln::flow
