#include "queue/policy.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

// Limits: AWS' reference of AddPermission.
constexpr std::size_t kLongestLabel = 80;
constexpr std::size_t kMostStatements = 20;
constexpr std::size_t kMostActions = 7;
constexpr std::string_view kVersion = "2008-10-17";

constexpr std::array<std::string_view, 13> kActions{
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ListQueueTags",
    "StartMessageMoveTask",
    "ListMessageMoveTasks",
    "CancelMessageMoveTask",
};

Refusal bad_parameter(std::string_view value, std::string_view name, std::string_view reason) {
    return {
        RefusalCode::invalid_parameter_value,
        fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, name, reason)};
}

Refusal missing(std::string_view parameter) {
    return {
        RefusalCode::missing_parameter,
        fmt::format("The request must contain the parameter {}.", parameter)};
}

bool is_account(std::string_view text) noexcept {
    return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_label(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kLongestLabel &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
           ) == std::string_view::npos;
}

std::optional<Refusal> refuse(const Permission& permission) {
    if (permission.label.empty()) {
        return missing("Label");
    }
    if (!is_label(permission.label)) {
        return bad_parameter(
            permission.label,
            "Label",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length."
        );
    }
    if (permission.accounts.empty()) {
        return missing("AWSAccountIds");
    }
    if (permission.actions.empty()) {
        return missing("Actions");
    }
    if (permission.actions.size() > kMostActions) {
        return Refusal{
            RefusalCode::over_limit,
            fmt::format(
                "{} actions were found, maximum allowed is {}.",
                permission.actions.size(),
                kMostActions
            )};
    }
    for (const auto& account : permission.accounts) {
        if (!is_account(account)) {
            return bad_parameter(
                fmt::format("[{}]", account), "PrincipalId", "An account is 12 digits."
            );
        }
    }
    for (const auto& action : permission.actions) {
        if (std::find(kActions.begin(), kActions.end(), action) == kActions.end()) {
            return bad_parameter(
                fmt::format("SQS:{}", action),
                "ActionName",
                fmt::format(
                    "Only the following can be allowed to others: {}.", fmt::join(kActions, ", ")
                )
            );
        }
    }
    return std::nullopt;
}

/// One is written as itself, several as a list: AWS' form.
json::value one_or_list(json::array values) {
    return values.size() == 1 ? values.front() : json::value(std::move(values));
}

json::object statement(const Permission& permission, const std::string& arn) {
    json::array principals;
    for (const auto& account : permission.accounts) {
        principals.emplace_back(fmt::format("arn:aws:iam::{}:root", account));
    }
    json::array actions;
    for (const auto& action : permission.actions) {
        actions.emplace_back("SQS:" + action);
    }
    return {
        {"Sid", permission.label},
        {"Effect", "Allow"},
        {"Principal", json::object{{"AWS", one_or_list(std::move(principals))}}},
        {"Action", one_or_list(std::move(actions))},
        {"Resource", arn},
    };
}

/// A policy document; a statement that stands alone is put into a list.
json::object document_of(const QueueDefinition& definition) {
    auto document = definition.policy ? parse_json(*definition.policy).as_object() : json::object{};
    auto& statements = document["Statement"];
    if (!statements.is_array()) {
        statements = statements.is_object() ? json::array{statements} : json::array{};
    }
    return document;
}

bool has_label(const json::value& one, std::string_view label) {
    const auto* const object = one.if_object();
    const auto* const sid = object == nullptr ? nullptr : object->if_contains("Sid");
    return sid != nullptr && sid->is_string() && sid->as_string() == label;
}

}  // namespace

Outcome<QueueDefinition> add_permission(
    const Place& place, QueueDefinition definition, const Permission& permission
) {
    if (auto refusal = refuse(permission)) {
        return std::move(*refusal);
    }
    const auto arn = queue_arn(place, definition.name);
    json::object document{{"Version", kVersion}, {"Id", arn + "/SQSDefaultPolicy"}};
    if (definition.policy) {
        document = document_of(definition);
    } else {
        document["Statement"] = json::array{};
    }
    auto& statements = document["Statement"].as_array();
    for (const auto& each : statements) {
        if (has_label(each, permission.label)) {
            return bad_parameter(permission.label, "Label", "Already exists.");
        }
    }
    if (statements.size() >= kMostStatements) {
        return Refusal{
            RefusalCode::over_limit,
            fmt::format(
                "{} statements were found, maximum allowed is {}.",
                statements.size() + 1,
                kMostStatements
            )};
    }
    statements.emplace_back(statement(permission, arn));
    definition.policy = json::serialize(document);
    return definition;
}

Outcome<QueueDefinition> remove_permission(QueueDefinition definition, std::string_view label) {
    auto document = document_of(definition);
    auto& statements = document["Statement"].as_array();
    const auto* const found =
        std::find_if(statements.begin(), statements.end(), [&](const auto& each) {
            return has_label(each, label);
        });
    if (found == statements.end()) {
        return bad_parameter(label, "Label", "can't find label.");
    }
    statements.erase(found);
    definition.policy =
        statements.empty() ? std::nullopt : std::optional{json::serialize(document)};
    return definition;
}

}  // namespace kiln::queue
