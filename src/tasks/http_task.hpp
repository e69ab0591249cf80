#pragma once

#include "base/json.hpp"
#include "flow/task_runner.hpp"
#include "net/client.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// `http:invoke`: what a task's parameters ask for, and what an answer means. Pure.
namespace kiln::tasks {

/// What a named connection adds to requests. Secret.
struct HttpConnection {
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::pair<std::string, std::string>> query;
};

struct HttpTaskSettings {
    /// Where tasks may go: "https://api.example.com", "http://127.0.0.1:8080", or a host alone,
    /// which means https; "*.example.com" is all hosts below it.
    std::vector<std::string> origins;
    std::map<std::string, HttpConnection, std::less<>> connections;
    std::string region = "us-east-1";
};

/// `{"NAME": {"basic": {"user":…, "password":…}} | {"api_key": {"name":…, "value":…}} |
/// {"bearer": …}, each perhaps with "headers" and "query"}`.
/// @throws Error  invalid: all that is wrong; shows no value
[[nodiscard]] std::map<std::string, HttpConnection, std::less<>> parse_connections(
    const json::value& document
);

/// May a task go there?
[[nodiscard]] bool allowed(const HttpTaskSettings& settings, std::string_view url);

/// The request; or why there is none: States.Runtime for parameters that are wrong,
/// States.Permissions for an endpoint or connection that is not configured.
[[nodiscard]] std::variant<net::ClientRequest, flow::TaskFailure> http_request(
    const json::object& parameters, const HttpTaskSettings& settings
);

/// The output of a 2xx answer, or States.Http.StatusCode.N.
[[nodiscard]] std::variant<json::object, flow::TaskFailure> http_result(
    const net::ClientResponse& response
);

}  // namespace kiln::tasks
