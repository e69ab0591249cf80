#include "cli/states_api.hpp"

#include "base/suggest.hpp"
#include "base/time.hpp"

#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

bool has_kind_in(std::string_view code, std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) {
        if (code.find(part) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

ErrorKind kind_of(std::string_view code, ErrorKind common) {
    if (has_kind_in(code, {"DoesNotExist", "ResourceNotFound"})) {
        return ErrorKind::not_found;
    }
    if (has_kind_in(
            code, {"AlreadyExists", "Conflict", "Deleting", "NotRedrivable", "TaskTimedOut"}
        )) {
        return ErrorKind::conflict;
    }
    if (has_kind_in(code, {"LimitExceeded", "QuotaExceeded", "TooManyTags"})) {
        return ErrorKind::exhausted;
    }
    if (has_kind_in(code, {"Invalid", "Validation", "MissingRequired", "TypeNotSupported"})) {
        return ErrorKind::invalid;
    }
    return common;
}

/// The ARN of the item of that name; what stands in its place is told with the nearest one.
std::string find_by_name(
    StatesApi& api,
    std::string_view operation,
    std::string_view member,
    std::string_view arn_member,
    const std::string& name,
    const std::stop_token& stop
) {
    std::string arn;
    std::vector<std::string> names;
    for_each_item(api, operation, {}, member, stop, [&](const json::object& item) {
        names.push_back(text_in(item, "name"));
        if (names.back() == name) {
            arn = text_in(item, arn_member);
        }
        return arn.empty();
    });
    if (arn.empty()) {
        throw Error{
            ErrorKind::not_found,
            fmt::format(
                "no {} '{}'{}",
                member == "activities" ? "activity" : "state machine",
                name,
                did_you_mean(name, names)
            )};
    }
    return arn;
}

}  // namespace

std::string text_in(const json::object& object, std::string_view member) {
    const auto* value = object.if_contains(member);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

Error states_error(std::string_view code, std::string_view message, ErrorKind common) {
    return {
        kind_of(code, common),
        code.empty() ? std::string{message} : fmt::format("{} ({})", message, code)};
}

void for_each_item(
    StatesApi& api,
    std::string_view operation,
    json::object input,
    std::string_view member,
    const std::stop_token& stop,
    const std::function<bool(const json::object&)>& each
) {
    for (;;) {
        const auto page = api.call(operation, input, stop);
        for (const auto& item : page.at(member).as_array()) {
            if (!each(item.as_object())) {
                return;
            }
        }
        const auto next = text_in(page, "nextToken");
        if (next.empty()) {
            return;
        }
        input["nextToken"] = next;
    }
}

std::string machine_arn(StatesApi& api, const std::string& named, const std::stop_token& stop) {
    if (named.starts_with("arn:")) {
        return named;
    }
    return find_by_name(api, "ListStateMachines", "stateMachines", "stateMachineArn", named, stop);
}

std::string activity_arn(StatesApi& api, const std::string& named, const std::stop_token& stop) {
    if (named.starts_with("arn:")) {
        return named;
    }
    return find_by_name(api, "ListActivities", "activities", "activityArn", named, stop);
}

std::string execution_arn(StatesApi& api, const std::string& named, const std::stop_token& stop) {
    if (named.starts_with("arn:")) {
        return named;
    }
    const auto colon = named.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == named.size()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("'{}' names no execution: write its ARN, or MACHINE:NAME", named)};
    }
    auto arn = machine_arn(api, named.substr(0, colon), stop);
    constexpr std::string_view kKind = ":stateMachine:";
    if (const auto kind = arn.find(kKind); kind != std::string::npos) {
        arn.replace(kind, kKind.size(), ":execution:");
    }
    return arn + named.substr(colon);
}

json::value with_times(const json::value& answer) {
    if (answer.is_array()) {
        json::array out;
        for (const auto& item : answer.get_array()) {
            out.push_back(with_times(item));
        }
        return out;
    }
    if (!answer.is_object()) {
        return answer;
    }
    json::object out;
    for (const auto& [key, value] : answer.get_object()) {
        const std::string_view name = key;
        if (value.is_number() && (name.ends_with("Date") || name == "timestamp")) {
            const auto microseconds = std::llround(value.to_number<double>() * 1e6);
            out[key] = format_time(TimePoint{Duration{microseconds}});
        } else {
            out[key] = with_times(value);
        }
    }
    return out;
}

}  // namespace kiln::cli
