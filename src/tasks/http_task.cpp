#include "tasks/http_task.hpp"

#include "aws/canonical_request.hpp"
#include "base/error.hpp"
#include "net/url.hpp"
#include "tasks/api_shapes.hpp"
#include "tasks/form_encoding.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

constexpr std::chrono::seconds kLongest{60};  ///< of an HTTP task
constexpr std::size_t kMostBytes = 262'144;

/// Headers that definitions may not set, or all that begin so.
/// Source: Step Functions Developer Guide, "Call HTTPS APIs in Step Functions workflows".
constexpr std::array<std::string_view, 29> kReserved{
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};
constexpr std::array<std::string_view, 5> kReservedStarts{
    "x-forwarded-", "x-amz-", "x-amzn-", "via", "warning"};

[[noreturn]] void refuse(std::string cause) {
    throw flow::TaskFailure{"States.Runtime", std::move(cause)};
}

std::string text_of_member(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        refuse(fmt::format("The field '{}' of an HTTP task must be a string.", name));
    }
    return std::string{value->get_string()};
}

const json::object* object_member(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    if (value == nullptr || value->is_null()) {
        return nullptr;
    }
    if (!value->is_object()) {
        refuse(fmt::format("The field '{}' of an HTTP task must be an object.", name));
    }
    return &value->get_object();
}

std::string scalar(std::string_view where, const json::value& value) {
    if (value.is_object() || value.is_null()) {
        refuse(fmt::format("The value of the field '{}' has an invalid format", where));
    }
    return value.is_string() ? std::string{value.get_string()} : text_of(value);
}

bool reserved(std::string_view header) {
    const auto name = aws::lower_case(header);
    return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() ||
           std::any_of(kReservedStarts.begin(), kReservedStarts.end(), [&](auto start) {
               return name.starts_with(start);
           });
}

void add_headers(net::Headers& to, const json::object& from) {
    for (const auto& [key, value] : from) {
        if (reserved(key)) {
            refuse(fmt::format("The header '{}' may not be set.", std::string_view{key}));
        }
        if (!value.is_array()) {
            to.set(std::string{key}, scalar("Headers", value));
            continue;
        }
        for (const auto& item : value.get_array()) {
            to.add(std::string{key}, scalar("Headers", item));
        }
    }
}

void add_query(std::string& url, std::string_view name, const std::string& value) {
    url += fmt::format(
        "{}{}={}",
        url.find('?') == std::string::npos ? '?' : '&',
        aws::percent_encoded(name),
        aws::percent_encoded(value)
    );
}

void add_queries(std::string& url, const json::object& from) {
    for (const auto& [key, value] : from) {
        if (!value.is_array()) {
            add_query(url, key, scalar("QueryParameters", value));
            continue;
        }
        for (const auto& item : value.get_array()) {
            add_query(url, key, scalar("QueryParameters", item));
        }
    }
}

ArrayFormat array_format(const json::object& transform) {
    const auto* options = object_member(transform, "RequestEncodingOptions");
    if (options == nullptr || !options->contains("ArrayFormat")) {
        return ArrayFormat::indices;
    }
    const auto word = text_of_member(*options, "ArrayFormat");
    constexpr std::array<std::pair<std::string_view, ArrayFormat>, 4> kFormats{{
        {"INDICES", ArrayFormat::indices},
        {"REPEAT", ArrayFormat::repeat},
        {"COMMAS", ArrayFormat::commas},
        {"BRACKETS", ArrayFormat::brackets},
    }};
    for (const auto& [name, format] : kFormats) {
        if (name == word) {
            return format;
        }
    }
    refuse(fmt::format("ArrayFormat '{}' is not served.", word));
}

void add_body(net::ClientRequest& request, const json::object& parameters) {
    const auto* body = parameters.if_contains("RequestBody");
    if (body == nullptr || body->is_null()) {
        return;
    }
    const auto* transform = object_member(parameters, "Transform");
    const bool form =
        transform != nullptr && text_of_member(*transform, "RequestBodyEncoding") == "URL_ENCODED";
    if (form && !body->is_object()) {
        refuse("A RequestBody that is URL_ENCODED must be an object.");
    }
    request.body = form ? form_encoded(body->get_object(), array_format(*transform))
                        : (body->is_string() ? std::string{body->get_string()} : text_of(*body));
    if (!request.headers.contains("Content-Type")) {
        request.headers.add(
            "Content-Type", form ? "application/x-www-form-urlencoded" : "application/json"
        );
    }
}

/// "arn:aws:events:REGION:ACCOUNT:connection/NAME/UUID" -> "NAME"
std::string connection_name(const std::string& arn) {
    constexpr std::string_view kMark = ":connection/";
    const auto mark = arn.find(kMark);
    if (mark == std::string::npos) {
        return arn;
    }
    const auto name = arn.substr(mark + kMark.size());
    return name.substr(0, name.find('/'));
}

void authenticate(
    net::ClientRequest& request, const json::object& parameters, const HttpTaskSettings& settings
) {
    const json::object* where = nullptr;
    for (const auto* name : {"Authentication", "InvocationConfig"}) {
        where = where == nullptr ? object_member(parameters, name) : where;
    }
    if (where == nullptr) {
        return;
    }
    const auto arn = text_of_member(*where, "ConnectionArn");
    const auto connection = settings.connections.find(connection_name(arn));
    if (connection == settings.connections.end()) {
        throw flow::TaskFailure{
            "States.Permissions", fmt::format("The connection '{}' is not configured.", arn)};
    }
    for (const auto& [name, value] : connection->second.headers) {
        request.headers.set(name, value);
    }
    for (const auto& [name, value] : connection->second.query) {
        add_query(request.url, name, value);
    }
}

/// RFC 9110, of what is a success.
std::string_view reason(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 203:
            return "Non-Authoritative Information";
        case 204:
            return "No Content";
        case 205:
            return "Reset Content";
        case 206:
            return "Partial Content";
        default:
            return "";
    }
}

net::ClientRequest build(const json::object& parameters, const HttpTaskSettings& settings) {
    constexpr std::array<std::string_view, 7> kMethods{
        "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"};
    net::ClientRequest request{
        .method = text_of_member(parameters, "Method"),
        .url = text_of_member(parameters, "ApiEndpoint")};
    if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) {
        refuse(fmt::format("'{}' is no method of an HTTP task.", request.method));
    }
    if (!allowed(settings, request.url)) {
        throw flow::TaskFailure{
            "States.Permissions", "The endpoint is not among those that HTTP tasks may call."};
    }
    request.headers.add("User-Agent", "Amazon|StepFunctions|HttpInvoke|" + settings.region);
    request.headers.add("Range", fmt::format("bytes=0-{}", kMostBytes));
    if (const auto* headers = object_member(parameters, "Headers")) {
        add_headers(request.headers, *headers);
    }
    if (const auto* query = object_member(parameters, "QueryParameters")) {
        add_queries(request.url, *query);
    }
    add_body(request, parameters);
    authenticate(request, parameters, settings);
    request.deadline = Deadline::after(kLongest);
    return request;
}

}  // namespace

bool allowed(const HttpTaskSettings& settings, std::string_view text) {
    net::Url url;
    try {
        url = net::parse_url(text);
    } catch (const Error&) {
        return false;
    }
    if (!url.user.empty()) {
        return false;
    }
    return std::any_of(settings.origins.begin(), settings.origins.end(), [&](const auto& origin) {
        if (origin.find("://") != std::string::npos) {
            return net::parse_url(origin).same_origin(url);
        }
        const bool secure = url.scheme == "https" && (!url.port || *url.port == 443);
        const bool below = origin.starts_with("*.") && url.host.size() >= origin.size() &&
                           url.host.ends_with(origin.substr(1));
        return secure && (below || url.host == origin);
    });
}

std::variant<net::ClientRequest, flow::TaskFailure> http_request(
    const json::object& parameters, const HttpTaskSettings& settings
) {
    try {
        return build(parameters, settings);
    } catch (const flow::TaskFailure& failure) {
        return failure;
    }
}

std::variant<json::object, flow::TaskFailure> http_result(const net::ClientResponse& response) {
    if (response.status < 200 || response.status >= 300) {
        return flow::TaskFailure{
            fmt::format("States.Http.StatusCode.{}", response.status), response.body};
    }
    json::object headers;
    for (const auto& [name, value] : response.headers.all()) {
        auto& values = headers[aws::lower_case(name)];
        if (!values.is_array()) {
            values.emplace_array();
        }
        values.get_array().emplace_back(value);
    }
    boost::system::error_code not_json;
    auto body = json::parse(response.body, not_json);
    return json::object{
        {"Headers", std::move(headers)},
        {"ResponseBody", not_json ? json::value(response.body) : std::move(body)},
        {"StatusCode", response.status},
        {"StatusText", reason(response.status)}};
}

}  // namespace kiln::tasks
