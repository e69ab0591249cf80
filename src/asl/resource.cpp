#include "asl/resource.hpp"

#include "asl/integrations.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace kiln::asl {

namespace {

struct Suffix {
    std::string_view text;
    Pattern pattern;
};

// The longer of two that begin alike stands first.
constexpr std::array<Suffix, 3> kSuffixes{{
    {".sync:2", Pattern::sync2},
    {".sync", Pattern::sync},
    {".waitForTaskToken", Pattern::wait_for_task_token},
}};

/// arn:PARTITION:SERVICE:REGION:ACCOUNT:REST
struct Parts {
    std::string_view service;
    std::string_view region;
    std::string_view account;
    std::string_view rest;
};

std::optional<Parts> take_apart(std::string_view arn) {
    std::array<std::string_view, 5> head;
    for (auto& part : head) {
        const auto colon = arn.find(':');
        if (colon == std::string_view::npos) {
            return std::nullopt;
        }
        part = arn.substr(0, colon);
        arn.remove_prefix(colon + 1);
    }
    if (head[0] != "arn" || head[1].empty() || arn.empty() ||
        arn.find_first_of(" \t\r\n") != std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{head[2], head[3], head[4], arn};
}

bool is_word(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

std::optional<Resource> integration(std::string_view rest, Resource resource) {
    resource.kind = ResourceKind::integration;
    for (const auto& suffix : kSuffixes) {
        if (rest.size() > suffix.text.size() &&
            rest.substr(rest.size() - suffix.text.size()) == suffix.text) {
            resource.pattern = suffix.pattern;
            rest.remove_suffix(suffix.text.size());
            break;
        }
    }
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    resource.service = rest.substr(0, colon);
    resource.action = rest.substr(colon + 1);
    constexpr std::string_view kSdk = "aws-sdk:";
    const auto service = std::string_view{resource.service};
    const auto plain =
        service.substr(0, kSdk.size()) == kSdk ? service.substr(kSdk.size()) : service;
    if (!is_word(plain) || !is_word(resource.action)) {
        return std::nullopt;
    }
    return resource;
}

}  // namespace

std::string Resource::action_with_pattern() const {
    for (const auto& suffix : kSuffixes) {
        if (suffix.pattern == pattern) {
            return action + std::string{suffix.text};
        }
    }
    return action;
}

std::optional<Resource> parse_resource(std::string_view arn) {
    const auto parts = take_apart(arn);
    if (!parts) {
        return std::nullopt;
    }
    Resource resource;
    resource.arn = arn;
    constexpr std::string_view kActivity = "activity:";
    constexpr std::string_view kFunction = "function:";
    if (parts->service == "lambda" && parts->rest.substr(0, kFunction.size()) == kFunction &&
        parts->rest.size() > kFunction.size()) {
        resource.kind = ResourceKind::lambda;
        return resource;
    }
    if (parts->service != "states") {
        return std::nullopt;
    }
    if (parts->rest.substr(0, kActivity.size()) == kActivity) {
        resource.kind = ResourceKind::activity;
        return parts->rest.size() == kActivity.size() ? std::nullopt : std::optional{resource};
    }
    return integration(parts->rest, std::move(resource));
}

}  // namespace kiln::asl
