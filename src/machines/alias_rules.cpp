#include "machines/alias_rules.hpp"

#include "machines/arns.hpp"
#include "machines/rows.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

namespace change = ports::machine_change;

constexpr std::int64_t kWhole = 100;

Refusal invalid(std::string message) {
    return {"ValidationException", std::move(message)};
}

std::string shown_arns(const std::vector<GivenRoute>& routes) {
    std::vector<std::string_view> arns;
    for (const auto& route : routes) {
        arns.push_back(route.version_arn);
    }
    return fmt::format("[{}]", fmt::join(arns, ", "));
}

std::optional<Refusal> refuse_weights(const std::vector<GivenRoute>& given) {
    std::vector<std::int64_t> weights;
    for (const auto& route : given) {
        weights.push_back(route.weight);
    }
    if (std::accumulate(weights.begin(), weights.end(), std::int64_t{0}) == kWhole) {
        return std::nullopt;
    }
    return invalid(fmt::format(
        "Sum of routing configuration weights must equal 100. Received: [{}]",
        fmt::join(weights, ", ")
    ));
}

std::optional<Refusal> refuse_versions(const Machine& machine, const std::vector<Route>& routes) {
    if (machine.status == MachineStatus::deleting) {
        return machine_is_deleting(machine.arn);
    }
    const bool all = std::all_of(routes.begin(), routes.end(), [&](const Route& route) {
        return machine.versions.contains(route.version);
    });
    return all ? std::nullopt : std::optional{no_such_reference()};
}

}  // namespace

Result<CheckedRoutes> check_routes(const std::vector<GivenRoute>& given) {
    std::set<std::string_view> distinct;
    for (const auto& route : given) {
        distinct.insert(route.version_arn);
    }
    if (distinct.size() < given.size()) {
        return invalid(
            "Routing configuration must contain distinct state machine version ARNs. Received: " +
            shown_arns(given)
        );
    }
    CheckedRoutes checked;
    for (const auto& route : given) {
        const auto parsed = read_arn(route.version_arn, asl::ArnKind::state_machine);
        if (const auto* const refusal = std::get_if<Refusal>(&parsed)) {
            return *refusal;
        }
        const auto& arn = std::get<asl::Arn>(parsed);
        const auto version = version_of(arn);
        if (!version || !arn.label.empty()) {
            return invalid(
                "Routing configuration must contain state machine version ARNs. Received: " +
                shown_arns(given)
            );
        }
        if (!checked.routes.empty() && checked.machine_arn != machine_arn_of(arn)) {
            return invalid(
                "Routing configuration must contain versions of one state machine. Received: " +
                shown_arns(given)
            );
        }
        checked.machine_arn = machine_arn_of(arn);
        checked.routes.push_back({*version, route.weight});
    }
    if (auto refusal = refuse_weights(given)) {
        return *std::move(refusal);
    }
    return checked;
}

Decided<Machine, CreatedAlias> create_alias(
    const Machine* there,
    const CreateAlias& command,
    const std::vector<Route>& routes,
    const Facts& facts
) {
    if (there == nullptr) {
        return no_such_reference();
    }
    if (auto refusal = refuse_versions(*there, routes)) {
        return *std::move(refusal);
    }
    if (const auto at = there->aliases.find(command.name); at != there->aliases.end()) {
        if (at->second.description == command.description && at->second.routes == routes) {
            return Decision<Machine, CreatedAlias>{
                {there->alias_arn(command.name), at->second.created}, *there, {}};
        }
        return Refusal{
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing "
            "configuration already exists."};
    }
    if (there->aliases.size() >= facts.most_aliases) {
        return Refusal{
            "ServiceQuotaExceededException",
            fmt::format(
                "The state machine '{}' has {} aliases; no more are allowed",
                there->arn,
                there->aliases.size()
            )};
    }
    Alias alias{command.name, command.description, routes, facts.now, facts.now};
    Decision<Machine, CreatedAlias> made{
        {there->alias_arn(command.name), facts.now},
        *there,
        {change::PutAlias{row_of(alias, there->arn)}}};
    made.after->aliases.emplace(command.name, std::move(alias));
    return made;
}

Decided<Machine, TimePoint> update_alias(
    const Machine* there, const AliasChange& command, const Facts& facts
) {
    if (there == nullptr || !there->aliases.contains(command.name)) {
        return no_such_reference();
    }
    auto alias = there->aliases.find(command.name)->second;
    if (command.routes) {
        if (command.routes->machine_arn != there->arn) {
            return invalid(fmt::format(
                "Routing configuration must contain versions of the alias' state machine '{}'",
                there->arn
            ));
        }
        if (auto refusal = refuse_versions(*there, command.routes->routes)) {
            return *std::move(refusal);
        }
        alias.routes = command.routes->routes;
    }
    if (command.description) {
        alias.description = command.description;
    }
    alias.updated = facts.now;
    Decision<Machine, TimePoint> made{
        facts.now, *there, {change::PutAlias{row_of(alias, there->arn)}}};
    made.after->aliases.insert_or_assign(command.name, std::move(alias));
    return made;
}

Decided<Machine, Done> delete_alias(const Machine* there, std::string_view name) {
    Decision<Machine, Done> made;
    if (there == nullptr) {
        return made;
    }
    made.after = *there;
    if (const auto at = made.after->aliases.find(name); at != made.after->aliases.end()) {
        made.after->aliases.erase(at);
        made.changes.emplace_back(change::RemoveAlias{there->arn, std::string{name}});
    }
    return made;
}

std::int64_t choose(const std::vector<Route>& routes, std::uint64_t random) noexcept {
    auto drawn = static_cast<std::int64_t>(random % static_cast<std::uint64_t>(kWhole));
    for (const auto& route : routes) {
        if (drawn < route.weight) {
            return route.version;
        }
        drawn -= route.weight;
    }
    return routes.back().version;
}

}  // namespace kiln::machines
