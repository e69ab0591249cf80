#pragma once

#include "cli/states_api.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace kiln::cli {

/// Waits for an execution's end, looking with growing pauses.
/// @param looked  called with what is known each time, its end included
/// @returns  its description
/// @throws Error  cancelled: `stop`, the execution goes on · as StatesApi::call
json::object wait_for_end(
    StatesApi& api,
    const std::string& arn,
    const std::stop_token& stop,
    const std::function<void()>& looked = [] {}
);

/// A file's text, with "-" stdin's, as one JSON document.
/// @param what  for messages: "--input"
/// @throws Error  invalid: not JSON, with line and column · by errno
[[nodiscard]] std::string json_text(const std::string& text, std::string_view what);

}  // namespace kiln::cli
