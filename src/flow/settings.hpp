#pragma once

#include "flow/data_flow.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// Settings of a state that have to be of one type. @throws StateFailure  with AWS' text
namespace kiln::flow {

/// The path's text of a …Path field; "" for others.
[[nodiscard]] std::string_view path_text(const asl::Setting& setting) noexcept;

/// A value in a message: strings without quotes, others as JSON.
[[nodiscard]] std::string plain_text(const json::value& value);

/// A whole number in a JSON number, or in a string's digits (which AWS takes in …Path fields).
[[nodiscard]] std::optional<std::int64_t> as_whole(const json::value& value);

/// A JSONata field's value, which has to be of that type.
/// @param type  JSONata's name: "array", "number", "string", "boolean"
[[nodiscard]] Payload query_of_type(
    DataFlow& data, const asl::Setting& setting, std::string_view type
);
/// The failure of one that is not.
[[nodiscard]] StateFailure unexpected_type(
    const DataFlow& data,
    const asl::JsonataTemplate& from,
    std::string_view field,
    std::string_view type,
    const json::value& value
);

/// Of a Map: "MaxConcurrency", "MaxItemsPath" …, at least 0.
[[nodiscard]] std::int64_t count_of(DataFlow& data, const asl::Setting& setting);
[[nodiscard]] double percentage_of(DataFlow& data, const asl::Setting& setting);
/// Of a task or a Wait: at least 0.
[[nodiscard]] std::int64_t seconds_of_setting(DataFlow& data, const asl::Setting& setting);

}  // namespace kiln::flow
