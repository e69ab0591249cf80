#include "tasks/api_shapes.hpp"

#include "flow/json_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace kiln::tasks {

namespace {

/// Members of Step Functions' API whose text is JSON.
constexpr std::array<std::string_view, 6> kJsonTexts{
    "input", "output", "definition", "context", "variables", "cause"};

bool is_json_text(std::string_view member) {
    return std::find(kJsonTexts.begin(), kJsonTexts.end(), member) != kJsonTexts.end();
}

/// Its timestamps are numbers, and so named: "startDate", "timestamp".
bool is_time(std::string_view member, const json::value& value) {
    return value.is_number() && (member.ends_with("Date") || member == "timestamp");
}

json::value time_of(const json::value& seconds, Times times) {
    const auto whole = std::llround(seconds.to_number<double>() * 1000);
    if (times == Times::milliseconds) {
        return whole;
    }
    return json::value(format_time(TimePoint{std::chrono::milliseconds{whole}}));
}

json::value input_value(const json::value& value);

json::object input_object(const json::object& object) {
    json::object out;
    for (const auto& [key, value] : object) {
        if (value.is_null()) {
            continue;
        }
        const auto name = uncapital(key);
        if (is_json_text(name) && !value.is_string()) {
            out.emplace(name, text_of(value));
        } else {
            out.emplace(name, input_value(value));
        }
    }
    return out;
}

json::value input_value(const json::value& value) {
    if (value.is_object()) {
        return input_object(value.get_object());
    }
    if (!value.is_array()) {
        return value;
    }
    json::array out;
    for (const auto& item : value.get_array()) {
        out.push_back(input_value(item));
    }
    return out;
}

/// "Wed, 25 Nov 2026 13:20:00 GMT"
std::string http_date(TimePoint time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format(
        "{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds))
    );
}

}  // namespace

std::string capital(std::string_view name) {
    std::string out{name};
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') {
        out[0] = static_cast<char>(out[0] - 'a' + 'A');
    }
    return out;
}

std::string uncapital(std::string_view name) {
    std::string out{name};
    if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') {
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
    }
    return out;
}

json::object sfn_input(const json::object& parameters) {
    return input_object(parameters);
}

json::value sfn_output(const json::value& body, Times times) {
    if (body.is_object()) {
        json::object out;
        for (const auto& [key, value] : body.get_object()) {
            out.emplace(
                capital(key), is_time(key, value) ? time_of(value, times) : sfn_output(value, times)
            );
        }
        return out;
    }
    if (!body.is_array()) {
        return body;
    }
    json::array out;
    for (const auto& item : body.get_array()) {
        out.push_back(sfn_output(item, times));
    }
    return out;
}

std::string text_of(const json::value& value) {
    return flow::json_text(value);
}

void add_sdk_metadata(json::object& output, const ApiAnswer& answer, TimePoint now) {
    const std::array<std::pair<std::string_view, std::string>, 5> headers{{
        {"x-amzn-RequestId", answer.request_id},
        {"connection", "keep-alive"},
        {"Content-Length", std::to_string(answer.length)},
        {"Date", http_date(now)},
        {"Content-Type", "application/x-amz-json-1.0"},
    }};
    json::object lists;
    json::object plain;
    for (const auto& [name, value] : headers) {
        lists[name] = json::array{value};
        plain[name] = value;
    }
    output["SdkHttpMetadata"] = {
        {"AllHttpHeaders", std::move(lists)},
        {"HttpHeaders", std::move(plain)},
        {"HttpStatusCode", answer.status}};
    output["SdkResponseMetadata"] = {{"RequestId", answer.request_id}};
}

}  // namespace kiln::tasks
