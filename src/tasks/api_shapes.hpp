#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "tasks/api_caller.hpp"

#include <string>
#include <string_view>

/// Inputs and outputs of APIs as state machines see them: members with capital first letters, JSON
/// where the API has text. Pure.
namespace kiln::tasks {

/// How moments are written in outputs.
enum class Times {
    iso,           ///< aws-sdk: "2026-11-25T13:20:00.123Z"
    milliseconds,  ///< optimized integrations: since 1970
};

/// "taskToken" -> "TaskToken"
[[nodiscard]] std::string capital(std::string_view name);
/// "TaskToken" -> "taskToken"
[[nodiscard]] std::string uncapital(std::string_view name);

/// Step Functions' input: members in camel case, those that hold JSON as text, null left out.
[[nodiscard]] json::object sfn_input(const json::object& parameters);
/// Step Functions' output, of any operation.
[[nodiscard]] json::value sfn_output(const json::value& body, Times times);

/// JSON in one line.
[[nodiscard]] std::string text_of(const json::value& value);

/// `SdkHttpMetadata` and `SdkResponseMetadata`, which optimized integrations have in their output.
void add_sdk_metadata(json::object& output, const ApiAnswer& answer, TimePoint now);

}  // namespace kiln::tasks
