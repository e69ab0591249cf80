#pragma once

#include "base/error.hpp"
#include "base/json.hpp"

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kiln::cli {

/// The state machines of a server, by the protocol of AWS Step Functions.
class StatesApi {
  public:
    virtual ~StatesApi() = default;

    /// @param patience  for one answer
    /// @throws Error  by `states_error` · unavailable, timed_out: no answer · cancelled: `stop`
    virtual json::object call(
        std::string_view operation,
        const json::object& input,
        const std::stop_token& stop,
        std::chrono::seconds patience = std::chrono::seconds{30}
    ) = 0;
};

/// What an error of that API means to us. "Execution Does Not Exist: 'x' (ExecutionDoesNotExist)".
/// Pure.
/// @param code    without an "Exception" at its end
/// @param common  what the code means in all of AWS' services
[[nodiscard]] Error states_error(std::string_view code, std::string_view message, ErrorKind common);

/// Calls `each` for every item of all pages.
/// @param member  that holds a page's items: "executions"
void for_each_item(
    StatesApi& api,
    std::string_view operation,
    json::object input,
    std::string_view member,
    const std::stop_token& stop,
    const std::function<bool(const json::object&)>& each  ///< false: no more
);

/// The ARN of a machine or activity that is named by its name, or by its ARN.
/// @throws Error  not_found: with the nearest name
[[nodiscard]] std::string machine_arn(
    StatesApi& api, const std::string& named, const std::stop_token& stop
);
[[nodiscard]] std::string activity_arn(
    StatesApi& api, const std::string& named, const std::stop_token& stop
);
/// An execution's: its ARN, or MACHINE:NAME.
/// @throws Error  invalid: it is neither · not_found
[[nodiscard]] std::string execution_arn(
    StatesApi& api, const std::string& named, const std::stop_token& stop
);

/// The answer with its moments as RFC 3339, as everywhere in kiln. Pure.
[[nodiscard]] json::value with_times(const json::value& answer);

/// A member's text; "" where there is none. Pure.
[[nodiscard]] std::string text_in(const json::object& object, std::string_view member);

}  // namespace kiln::cli
