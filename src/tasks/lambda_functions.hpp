#pragma once

#include "base/json.hpp"
#include "flow/task_runner.hpp"
#include "net/client.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::tasks {

/// Where functions are: each by its name, or behind an endpoint that speaks Lambda's Invoke API.
struct LambdaFunctions {
    std::string endpoint;  ///< "http://127.0.0.1:9001"; "": none
    std::map<std::string, std::string, std::less<>> urls;
    std::chrono::seconds time_out{900};  ///< Lambda's own limit
};

/// A function as definitions name it: its name, its ARN, or part of it, with or without qualifier.
struct FunctionName {
    std::string name;
    std::string qualifier;  ///< "" none
};

/// "f", "f:1", "ACCOUNT:function:f", "arn:aws:lambda:R:A:function:f:1". Pure.
[[nodiscard]] FunctionName function_name(std::string_view text);

struct Invocation {
    FunctionName function;
    json::value payload;  ///< null: none, which functions see as {}
    std::string type;     ///< InvocationType; "" for RequestResponse
    std::string client_context;
    std::string log_type;
};

/// "NAME=URL NAME=URL …", as in the setting. @throws Error  invalid: with what is wrong
[[nodiscard]] std::map<std::string, std::string, std::less<>> parse_function_urls(
    std::string_view text
);

/// The request that invokes it. nullopt: there is no such function. Pure.
[[nodiscard]] std::optional<net::ClientRequest> invocation_request(
    const LambdaFunctions& functions, const Invocation& invocation
);

/// What a function's answer means: the failure of the function or of its invocation; nullopt: none.
/// Pure.
[[nodiscard]] std::optional<flow::TaskFailure> invocation_failure(
    const net::ClientResponse& response
);

/// The result of a function that is named directly. Pure.
[[nodiscard]] json::value function_result(const net::ClientResponse& response);

/// The output of `lambda:invoke`. Pure.
[[nodiscard]] json::object invocation_output(const net::ClientResponse& response);

/// What AWS says of a function that is not there.
[[nodiscard]] flow::TaskFailure no_such_function(
    const FunctionName& function, std::string_view shown, std::string_view request_id
);

}  // namespace kiln::tasks
