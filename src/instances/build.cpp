#include "instances/build.hpp"

#include "base/random.hpp"
#include "base/sha256.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::size_t kMostEvents = 200;
constexpr std::size_t kUuidLength = 36;
constexpr std::string_view kHex = "0123456789abcdef";

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_or_null(const std::optional<TimePoint>& time) {
    return time ? json::value(format_time(*time)) : json::value(nullptr);
}

json::array alternatives_json(const BuildRequest& request) {
    json::array all;
    for (const auto& one : request.alternatives) {
        all.push_back(
            {{"instance_type", one.type}, {"zone", text_or_null(one.zone)}, {"spot", one.spot}}
        );
    }
    return all;
}

json::array events_json(const InstanceBuild& build) {
    json::array all;
    for (const auto& event : build.events) {
        all.push_back(
            {{"time", format_time(event.time)},
             {"kind", event.kind},
             {"message", event.message},
             {"instance_id", text_or_null(event.instance)}}
        );
    }
    return all;
}

/// 32 hex digits as a UUID of this version (RFC 9562).
std::string as_uuid(std::string digits, char version) {
    digits[12] = version;
    const auto variant = kHex.find(digits[16]) & 3U;
    digits[16] = kHex[8U | variant];
    for (const auto at : {8U, 13U, 18U, 23U}) {
        digits.insert(at, 1, '-');
    }
    return digits;
}

}  // namespace

std::string_view to_string(BuildState state) noexcept {
    switch (state) {
        case BuildState::pending:
            return "pending";
        case BuildState::started:
            return "started";
        case BuildState::finished:
            return "finished";
        case BuildState::failed:
            return "failed";
    }
    return "";
}

json::object to_json(const InstanceBuild& build) {
    const auto& request = build.request;
    return {
        {"id", build.id},
        {"href", "/instance-builds/" + build.id},
        {"state", to_string(build.state)},
        {"site", request.site},
        {"env", request.env},
        {"queue", request.queue},
        {"role", request.role},
        {"instance_type", request.instance_type},
        {"count", request.count},
        {"ami", text_or_null(build.image.empty() ? request.ami : build.image)},
        {"name_template", request.name_template},
        {"slack_channel", text_or_null(request.slack_channel)},
        {"security_group_id",
         text_or_null(request.security_group_id.empty() ? build.group : request.security_group_id)},
        {"subnet_id", text_or_null(request.subnet_id)},
        {"boot_instance", request.boot_instance},
        {"key_name", text_or_null(request.key_name)},
        {"lifetime_seconds",
         request.lifetime ? json::value(seconds_of(*request.lifetime)) : json::value(nullptr)},
        {"alternatives", alternatives_json(request)},
        {"instance_group", text_or_null(build.group_of)},
        {"instance_id",
         build.instances.empty() ? json::value(nullptr) : json::value(build.instances.front())},
        {"instance_ids", json::value_from(build.instances)},
        {"created_at", format_time(build.created)},
        {"ended_at", time_or_null(build.ended)},
        {"closed_at", time_or_null(build.closed)},
        {"error", text_or_null(build.error)},
        {"events", events_json(build)},
    };
}

void note(InstanceBuild& build, BuildEvent event) {
    if (build.events.size() >= kMostEvents) {
        build.events.erase(std::next(build.events.begin()));
    }
    build.events.push_back(std::move(event));
}

std::string random_uuid() {
    std::string digits;
    for (const auto byte : random_bytes<16>()) {
        digits += kHex[byte >> 4];
        digits += kHex[byte & 15U];
    }
    return as_uuid(std::move(digits), '4');
}

std::string uuid_of(std::string_view name) {
    return as_uuid(sha256(name).substr(0, 32), '8');
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != kUuidLength) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : kHex.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

}  // namespace kiln::instances
