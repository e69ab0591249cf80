// Versions and aliases of state machines.

#include "api/states/operations.hpp"
#include "machines/arns.hpp"
#include "machines/rules.hpp"

#include <charconv>
#include <ranges>

#include <fmt/format.h>

namespace kiln::api::states {

namespace {

std::optional<std::vector<machines::GivenRoute>> routes_of(const Input& input) {
    if (input.find("routingConfiguration") == nullptr) {
        return std::nullopt;
    }
    std::vector<machines::GivenRoute> routes;
    for (const auto& item : input.objects("routingConfiguration")) {
        routes.push_back({item.text("stateMachineVersionArn"), item.number("weight").value_or(0)});
    }
    return routes;
}

/// The machine of an unqualified ARN.
machines::MachinePtr machine_of(const Context& context, const Input& input, Reply& reply) {
    const auto arn = input.text("stateMachineArn");
    const auto found = context.registry.find(arn);
    const auto* const target = admitted(found, reply);
    if (target == nullptr) {
        return nullptr;
    }
    if (target->version || target->alias) {
        reply.fail(machines::machine_does_not_exist(arn));
        return nullptr;
    }
    return target->machine;
}

}  // namespace

void publish_state_machine_version(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.publish_version(
        {input.text("stateMachineArn"),
         input.maybe_text("revisionId"),
         input.maybe_text("description")},
        answer<machines::PublishedVersion>(
            std::move(reply),
            [](const machines::PublishedVersion& made) -> json::object {
                return {
                    {"stateMachineVersionArn", made.arn},
                    {"creationDate", epoch_seconds(made.created)}};
            }
        )
    );
}

void delete_state_machine_version(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.delete_version(
        input.text("stateMachineVersionArn"), answer_done(std::move(reply))
    );
}

void list_state_machine_versions(const Context& context, const Input& input, ReplyPtr reply) {
    const auto machine = machine_of(context, input, *reply);
    const auto page = machine ? page_of(context, input, *reply) : std::nullopt;
    if (!page) {
        return;
    }
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
    std::from_chars(page->after.data(), page->after.data() + page->after.size(), before);
    std::vector<machines::Version> found;
    for (const auto& [number, version] : machine->versions | std::views::reverse) {
        if (number < before && found.size() <= page->size) {
            found.push_back(version);
        }
    }
    answer_page(
        context,
        *page,
        "stateMachineVersions",
        found,
        [&](const machines::Version& version) -> json::object {
            return {
                {"stateMachineVersionArn", machine->version_arn(version.number)},
                {"creationDate", epoch_seconds(version.created)}};
        },
        [](const machines::Version& version) { return std::to_string(version.number); },
        *reply
    );
}

void create_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.create_alias(
        {input.text("name"), input.maybe_text("description"), *routes_of(input)},
        answer<machines::CreatedAlias>(
            std::move(reply),
            [](const machines::CreatedAlias& made) -> json::object {
                return {
                    {"stateMachineAliasArn", made.arn},
                    {"creationDate", epoch_seconds(made.created)}};
            }
        )
    );
}

void update_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.update_alias(
        {input.text("stateMachineAliasArn"), input.maybe_text("description"), routes_of(input)},
        answer<TimePoint>(
            std::move(reply),
            [](TimePoint updated) -> json::object {
                return {{"updateDate", epoch_seconds(updated)}};
            }
        )
    );
}

void describe_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply) {
    const auto found = context.registry.find_alias(input.text("stateMachineAliasArn"));
    const auto* const target = admitted(found, *reply);
    if (target == nullptr) {
        return;
    }
    const auto& machine = *target->machine;
    const auto& alias = *target->alias;
    json::array routes;
    for (const auto& route : alias.routes) {
        routes.push_back(
            {{"stateMachineVersionArn", machine.version_arn(route.version)},
             {"weight", route.weight}}
        );
    }
    json::object answer{
        {"stateMachineAliasArn", machine.alias_arn(alias.name)},
        {"name", alias.name},
        {"routingConfiguration", std::move(routes)},
        {"creationDate", epoch_seconds(alias.created)},
        {"updateDate", epoch_seconds(alias.updated)}};
    if (alias.description) {
        answer["description"] = *alias.description;
    }
    reply->succeed(answer);
}

void delete_state_machine_alias(const Context& context, const Input& input, ReplyPtr reply) {
    context.registry.delete_alias(
        input.text("stateMachineAliasArn"), answer_done(std::move(reply))
    );
}

void list_state_machine_aliases(const Context& context, const Input& input, ReplyPtr reply) {
    const auto arn = input.text("stateMachineArn");
    const auto found = context.registry.find(arn);
    const auto* const target = admitted(found, *reply);
    const auto page = target != nullptr ? page_of(context, input, *reply) : std::nullopt;
    if (!page) {
        return;
    }
    const auto& machine = *target->machine;
    std::vector<machines::Alias> aliases;
    for (auto at = machine.aliases.upper_bound(page->after);
         at != machine.aliases.end() && aliases.size() <= page->size;
         ++at) {
        // Of a version's ARN: those that lead there.
        const auto leads = [&](const machines::Route& route) {
            return route.version == target->version->number;
        };
        if (!target->version ||
            std::any_of(at->second.routes.begin(), at->second.routes.end(), leads)) {
            aliases.push_back(at->second);
        }
    }
    answer_page(
        context,
        *page,
        "stateMachineAliases",
        aliases,
        [&](const machines::Alias& alias) -> json::object {
            return {
                {"stateMachineAliasArn", machine.alias_arn(alias.name)},
                {"creationDate", epoch_seconds(alias.created)}};
        },
        [](const machines::Alias& alias) { return alias.name; },
        *reply
    );
}

}  // namespace kiln::api::states
