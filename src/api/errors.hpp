#pragma once

#include "base/error.hpp"
#include "base/json.hpp"

#include <exception>
#include <string_view>

/// Errors as the native API answers them. Pure.
namespace kiln::api {

/// The HTTP status of a kind: the one table of the native routes.
[[nodiscard]] int status_of(ErrorKind kind) noexcept;

/// `{"error": {"kind", "message", "problems", "hint", "request_id", "retry_after_seconds"}}`;
/// `hint` and `retry_after_seconds` are null where there is none. What an `internal` or `corrupt`
/// error says stays in: callers are authenticated, and the cause is what they need.
[[nodiscard]] json::object error_body(const Error& error, std::string_view request_id);

/// The shape of errors in an API.
using ErrorShape = json::object (*)(const Error& error, std::string_view request_id);

/// `{"errors": ["WHERE: WHAT", …]}` with every problem, or `{"error": "…"}`: the instance API's.
[[nodiscard]] json::object plain_error_body(const Error& error, std::string_view request_id);

/// What was thrown, as an Error: the standard library's exceptions are translated here.
[[nodiscard]] Error as_error(const std::exception_ptr& thrown);

}  // namespace kiln::api
