#include "tasks/lambda_functions.hpp"

#include "aws/canonical_request.hpp"
#include "net/url.hpp"
#include "tasks/api_shapes.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

constexpr std::string_view kErrorHeader = "X-Amz-Function-Error";
constexpr std::string_view kRequestId = "x-amzn-RequestId";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n,");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

std::optional<json::value> parsed(const std::string& text) {
    boost::system::error_code bad;
    auto value = json::parse(text, bad);
    return bad ? std::nullopt : std::optional{std::move(value)};
}

std::string member_text(const std::optional<json::value>& document, std::string_view name) {
    if (document && document->is_object()) {
        const auto* value = document->get_object().if_contains(name);
        if (value != nullptr && value->is_string()) {
            return std::string{value->get_string()};
        }
    }
    return "";
}

/// The failure of the call itself, which Lambda's API tells as JSON.
flow::TaskFailure api_failure(const net::ClientResponse& response) {
    const auto document = parsed(response.body);
    std::string code{response.headers.value_or("x-amzn-ErrorType", "")};
    code = code.substr(0, code.find(':'));
    if (code.empty()) {
        code = response.status >= 500 ? "ServiceException" : "AWSLambdaException";
    }
    auto message = member_text(document, "Message");
    if (message.empty()) {
        message = member_text(document, "message");
    }
    return {
        "Lambda." + code,
        fmt::format(
            "{} (Service: AWSLambda; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: null)",
            message.empty() ? "null" : message,
            response.status,
            code,
            response.headers.value_or(kRequestId, "null")
        )};
}

}  // namespace

FunctionName function_name(std::string_view text) {
    constexpr std::string_view kMark = "function:";
    if (const auto mark = text.find(kMark); mark != std::string_view::npos) {
        text.remove_prefix(mark + kMark.size());
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return {std::string{text}, ""};
    }
    return {std::string{text.substr(0, colon)}, std::string{text.substr(colon + 1)}};
}

std::map<std::string, std::string, std::less<>> parse_function_urls(std::string_view text) {
    std::map<std::string, std::string, std::less<>> out;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const auto entry = text.substr(0, text.find_first_of(" \t\n,"));
        text.remove_prefix(entry.size());
        const auto equals = entry.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            throw Error{ErrorKind::invalid, fmt::format("'{}' is not NAME=URL", entry)};
        }
        const std::string url{entry.substr(equals + 1)};
        (void)net::parse_url(url);
        out.insert_or_assign(std::string{entry.substr(0, equals)}, url);
    }
    return out;
}

std::optional<net::ClientRequest> invocation_request(
    const LambdaFunctions& functions, const Invocation& invocation
) {
    net::ClientRequest request{.method = "POST"};
    const auto& name = invocation.function.name;
    if (const auto url = functions.urls.find(name); url != functions.urls.end()) {
        request.url = url->second;
    } else if (!functions.endpoint.empty() && !name.empty()) {
        request.url = fmt::format(
            "{}/2015-03-31/functions/{}/invocations", functions.endpoint, aws::percent_encoded(name)
        );
        if (!invocation.function.qualifier.empty()) {
            request.url += "?Qualifier=" + aws::percent_encoded(invocation.function.qualifier);
        }
    } else {
        return std::nullopt;
    }
    request.headers.add("Content-Type", "application/json");
    const std::array<std::pair<const char*, const std::string&>, 3> optional{{
        {"X-Amz-Invocation-Type", invocation.type},
        {"X-Amz-Client-Context", invocation.client_context},
        {"X-Amz-Log-Type", invocation.log_type},
    }};
    for (const auto& [header, value] : optional) {
        if (!value.empty()) {
            request.headers.add(header, value);
        }
    }
    request.body = invocation.payload.is_null() ? "{}" : text_of(invocation.payload);
    request.deadline = Deadline::after(functions.time_out);
    return request;
}

std::optional<flow::TaskFailure> invocation_failure(const net::ClientResponse& response) {
    if (response.headers.contains(kErrorHeader)) {
        const auto type = member_text(parsed(response.body), "errorType");
        return flow::TaskFailure{type.empty() ? "Lambda.Unknown" : type, response.body};
    }
    if (response.status < 200 || response.status >= 300) {
        return api_failure(response);
    }
    return std::nullopt;
}

json::value function_result(const net::ClientResponse& response) {
    if (response.body.empty()) {
        return json::object{};
    }
    auto value = parsed(response.body);
    return value ? std::move(*value) : json::value(response.body);
}

json::object invocation_output(const net::ClientResponse& response) {
    json::object lists;
    json::object plain;
    for (const auto& [name, value] : response.headers.all()) {
        lists[name] = json::array{value};
        plain[name] = value;
    }
    const auto version = response.headers.value_or("X-Amz-Executed-Version", "$LATEST");
    return {
        {"ExecutedVersion", version},
        {"Payload", function_result(response)},
        {"SdkHttpMetadata",
         {{"AllHttpHeaders", std::move(lists)},
          {"HttpHeaders", std::move(plain)},
          {"HttpStatusCode", response.status}}},
        {"SdkResponseMetadata", {{"RequestId", response.headers.value_or(kRequestId, "")}}},
        {"StatusCode", response.status}};
}

flow::TaskFailure no_such_function(
    const FunctionName& function, std::string_view shown, std::string_view request_id
) {
    const bool whole = shown.starts_with("arn:");
    const bool qualified = !function.qualifier.empty();
    return {
        "Lambda.ResourceNotFoundException",
        fmt::format(
            "Function not found: {}{} (Service: AWSLambda; Status Code: 404; Error Code: "
            "ResourceNotFoundException; Request ID: {}; Proxy: null)",
            whole ? shown : function.name,
            whole && !qualified ? ":$LATEST" : "",
            request_id
        )};
}

}  // namespace kiln::tasks
