#include "instances/life_cycle.hpp"

#include "base/error.hpp"
#include "instances/record.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

using Word = std::pair<std::string_view, Transition>;

/// Auto Scaling's, in field LifecycleTransition.
constexpr std::array kTransitions{
    Word{"autoscaling:EC2_INSTANCE_LAUNCHING", Transition::launching},
    Word{"autoscaling:EC2_INSTANCE_TERMINATING", Transition::terminating}};

std::optional<std::string> field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string()
               ? std::optional<std::string>{std::string{value->as_string()}}
               : std::nullopt;
}

std::string want(const json::object& object, std::string_view key) {
    if (auto value = field(object, key); value && !value->empty()) {
        return std::move(*value);
    }
    throw Error{ErrorKind::invalid, fmt::format("not a message of SNS: {} is missing", key)};
}

SnsMeaning read_notification(const std::string& text) {
    json::value document;
    try {
        document = parse_json(text);
    } catch (const Error&) {
        return Ignored{"the message is not JSON"};
    }
    if (!document.is_object()) {
        return Ignored{"the message is no object"};
    }
    const auto& notice = document.as_object();
    if (field(notice, "Event") == "autoscaling:TEST_NOTIFICATION") {
        return Ignored{"a test of Auto Scaling"};
    }
    const auto word = field(notice, "LifecycleTransition").value_or("");
    for (const auto& [name, transition] : kTransitions) {
        if (word != name) {
            continue;
        }
        LifeCycleAction action{
            .transition = transition,
            .instance = field(notice, "EC2InstanceId").value_or(""),
            .token = field(notice, "LifecycleActionToken").value_or(""),
            .group = field(notice, "AutoScalingGroupName").value_or(""),
            .hook = field(notice, "LifecycleHookName").value_or("")};
        if (action.instance.empty()) {
            return Ignored{"the notice names no instance"};
        }
        return action;
    }
    return Ignored{"no life-cycle notice"};
}

}  // namespace

std::string_view to_string(Transition transition) noexcept {
    return transition == Transition::launching ? "launching" : "terminating";
}

json::object to_json(const LifeCycleAction& action) {
    return {
        {"transition", to_string(action.transition)},
        {"instance_id", action.instance},
        {"lifecycle_action_token", action.token},
        {"auto_scaling_group_name", action.group},
        {"lifecycle_hook_name", action.hook},
    };
}

LifeCycleAction life_cycle_action(const json::value& value) {
    return record::checked("a life-cycle action", [&] {
        const auto& from = value.as_object();
        const auto word = record::text(from, "transition");
        if (word != "launching" && word != "terminating") {
            throw Error{ErrorKind::corrupt, "'" + word + "' is no transition"};
        }
        return LifeCycleAction{
            .transition = word == "launching" ? Transition::launching : Transition::terminating,
            .instance = record::text(from, "instance_id"),
            .token = record::text(from, "lifecycle_action_token"),
            .group = record::text(from, "auto_scaling_group_name"),
            .hook = record::text(from, "lifecycle_hook_name")};
    });
}

SnsMeaning read_sns(const json::value& message) {
    if (!message.is_object()) {
        throw Error{ErrorKind::invalid, "not a message of SNS: no object"};
    }
    const auto& object = message.as_object();
    const auto type = want(object, "Type");
    if (type == "SubscriptionConfirmation") {
        return Subscription{want(object, "TopicArn"), want(object, "SubscribeURL")};
    }
    if (type == "UnsubscribeConfirmation") {
        return Ignored{"the subscription has ended"};
    }
    if (type != "Notification") {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is no type of SNS' messages", type)};
    }
    return read_notification(want(object, "Message"));
}

}  // namespace kiln::instances
