#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <string>

/// Payloads as text, as AWS writes them: compact, doubles as Java shows them (1.0, 3.3, 1.0E10).
namespace kiln::flow {

/// What is nested deeper is no payload (AWS' parser stops there, too), so that code may recurse.
constexpr std::size_t kDeepestPayload = 1000;

[[nodiscard]] std::string json_text(const json::value& value);
/// Appends.
void write_json(const json::value& value, std::string& to);

struct Extent {
    std::size_t bytes = 0;  ///< of the text; counting stops beyond `enough`
    bool too_deep = false;  ///< deeper than kDeepestPayload; `bytes` says nothing then
};

/// How long the text would be.
/// @param enough  bytes beyond which the caller does not care how many more there are
[[nodiscard]] Extent measure_json(const json::value& value, std::size_t enough);

}  // namespace kiln::flow
