#include "queue/redrive.hpp"

#include "base/json.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

constexpr std::int64_t kMostReceives = 1000;
constexpr std::size_t kMostSources = 10;
constexpr std::size_t kLongestPolicy = 8192;

Refusal bad_policy(std::string_view name, std::string_view text, std::string_view reason) {
    return {
        RefusalCode::invalid_parameter_value,
        fmt::format("Value {} for parameter {} is invalid. Reason: {}", text, name, reason)};
}

std::optional<json::object> parse_object(std::string_view text) {
    try {
        auto value = parse_json(text, kLongestPolicy);
        if (value.is_object()) {
            return std::move(value.as_object());
        }
    } catch (const Error&) {
        // No JSON: as any other value that is no object.
    }
    return std::nullopt;
}

/// SQS takes a number and its digits in quotes.
std::optional<std::int64_t> whole_number(const json::value& value) {
    if (value.is_int64()) {
        return value.as_int64();
    }
    if (!value.is_string()) {
        return std::nullopt;
    }
    const auto& text = value.as_string();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                    : std::nullopt;
}

std::string_view to_string(RedriveAllowPolicy::Permission permission) noexcept {
    switch (permission) {
        case RedriveAllowPolicy::Permission::allow_all:
            return "allowAll";
        case RedriveAllowPolicy::Permission::deny_all:
            return "denyAll";
        case RedriveAllowPolicy::Permission::by_queue:
            return "byQueue";
    }
    return "";
}

std::optional<RedriveAllowPolicy::Permission> permission_of(const json::value* value) {
    using enum RedriveAllowPolicy::Permission;
    for (const auto permission : {allow_all, deny_all, by_queue}) {
        if (value != nullptr && value->is_string() && value->as_string() == to_string(permission)) {
            return permission;
        }
    }
    return std::nullopt;
}

bool has_only(const json::object& object, std::initializer_list<std::string_view> keys) {
    return std::all_of(object.begin(), object.end(), [&](const auto& member) {
        return std::find(keys.begin(), keys.end(), std::string_view{member.key()}) != keys.end();
    });
}

}  // namespace

Outcome<RedrivePolicy> parse_redrive_policy(const Place& place, std::string_view text) {
    const auto refuse = [&](std::string_view reason) {
        return bad_policy("RedrivePolicy", text, reason);
    };
    const auto object = parse_object(text);
    if (!object) {
        return refuse("Redrive policy is not a valid JSON map.");
    }
    const auto* target = object->if_contains("deadLetterTargetArn");
    if (target == nullptr) {
        return refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    }
    const auto* count = object->if_contains("maxReceiveCount");
    if (count == nullptr) {
        return refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    }
    if (!has_only(*object, {"deadLetterTargetArn", "maxReceiveCount"})) {
        return refuse(
            "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount]."
        );
    }
    const auto receives = whole_number(*count);
    if (!receives || *receives < 1 || *receives > kMostReceives) {
        return refuse(fmt::format(
            "Invalid value for maxReceiveCount: {}, valid values are from 1 to {} both inclusive.",
            json::serialize(*count),
            kMostReceives
        ));
    }
    auto name = target->is_string() ? queue_of_arn(place, target->as_string()) : std::nullopt;
    if (!name) {
        return refuse("Invalid value for deadLetterTargetArn.");
    }
    return RedrivePolicy{std::move(*name), *receives};
}

std::string show(const Place& place, const RedrivePolicy& policy) {
    return json::serialize(json::object{
        {"deadLetterTargetArn", queue_arn(place, policy.dead_letter_queue)},
        {"maxReceiveCount", policy.max_receives},
    });
}

Outcome<RedriveAllowPolicy> parse_redrive_allow_policy(const Place& place, std::string_view text) {
    const auto refuse = [&](std::string_view reason) {
        return bad_policy("RedriveAllowPolicy", text, reason);
    };
    constexpr std::string_view kShape =
        "It is {\"redrivePermission\": \"allowAll\", \"denyAll\" or \"byQueue\", and for "
        "\"byQueue\" "
        "\"sourceQueueArns\": 1 to 10 ARNs of queues}.";
    const auto object = parse_object(text);
    if (!object || !has_only(*object, {"redrivePermission", "sourceQueueArns"})) {
        return refuse(kShape);
    }
    const auto permission = permission_of(object->if_contains("redrivePermission"));
    const auto* sources = object->if_contains("sourceQueueArns");
    const bool by_queue = permission == RedriveAllowPolicy::Permission::by_queue;
    if (!permission || by_queue != (sources != nullptr)) {
        return refuse(kShape);
    }
    RedriveAllowPolicy policy{*permission, {}};
    if (by_queue) {
        if (!sources->is_array() || sources->as_array().empty() ||
            sources->as_array().size() > kMostSources) {
            return refuse(kShape);
        }
        for (const auto& source : sources->as_array()) {
            auto name = source.is_string() ? queue_of_arn(place, source.as_string()) : std::nullopt;
            if (!name) {
                return refuse("Invalid value for sourceQueueArns.");
            }
            policy.sources.push_back(std::move(*name));
        }
    }
    return policy;
}

std::string show(const Place& place, const RedriveAllowPolicy& policy) {
    json::object object{{"redrivePermission", to_string(policy.permission)}};
    if (policy.permission == RedriveAllowPolicy::Permission::by_queue) {
        json::array sources;
        for (const auto& source : policy.sources) {
            sources.emplace_back(queue_arn(place, source));
        }
        object["sourceQueueArns"] = std::move(sources);
    }
    return json::serialize(object);
}

}  // namespace kiln::queue
