#include "machines/activity_rules.hpp"
#include "machines/alias_rules.hpp"
#include "machines/arns.hpp"
#include "machines/registry_core.hpp"

#include <fmt/format.h>

namespace kiln::machines {

namespace {

/// An alias' ARN: a machine's with a qualifier that is no version's.
Result<asl::Arn> read_alias_arn(std::string_view text) {
    auto read = read_arn(text, asl::ArnKind::state_machine);
    if (const auto* const arn = std::get_if<asl::Arn>(&read)) {
        if (arn->qualifier.empty() || version_of(*arn) || !arn->label.empty()) {
            return Refusal{
                "InvalidArn", fmt::format("Invalid Arn: 'No ARN of an alias: {}'", text)};
        }
    }
    return read;
}

/// Machines and activities can have tags.
Result<asl::Arn> read_tagged_arn(std::string_view text) {
    auto read = read_arn(text);
    if (const auto* const arn = std::get_if<asl::Arn>(&read)) {
        if (arn->kind != asl::ArnKind::state_machine && arn->kind != asl::ArnKind::activity) {
            return wrong_resource(arn->kind);
        }
    }
    return read;
}

}  // namespace

void Registry::create_alias(CreateAlias command, Callback<CreatedAlias> done) {
    auto checked = check_routes(command.routes);
    if (refused(checked, done)) {
        return;
    }
    auto& routes = std::get<CheckedRoutes>(checked);
    auto arn = routes.machine_arn;
    core_->forget_if_ended(arn);
    core_->decide(
        arn,
        [arn, command = std::move(command), routes = std::move(routes.routes)](
            const Book& book, const Facts& facts
        ) { return machines::create_alias(book.machine(arn), command, routes, facts); },
        std::move(done)
    );
}

void Registry::update_alias(UpdateAlias command, Callback<TimePoint> updated) {
    const auto read = read_alias_arn(command.arn);
    if (refused(read, updated)) {
        return;
    }
    if (!command.description && !command.routes) {
        return updated(Refusal{
            "ValidationException",
            "Either the description or the RoutingConfiguration must be specified"});
    }
    const auto& alias = std::get<asl::Arn>(read);
    AliasChange change{alias.qualifier, command.description, std::nullopt};
    if (command.routes) {
        auto checked = check_routes(*command.routes);
        if (refused(checked, updated)) {
            return;
        }
        change.routes = std::move(std::get<CheckedRoutes>(checked));
    }
    const auto arn = machine_arn_of(alias);
    core_->forget_if_ended(arn);
    core_->decide(
        arn,
        [arn, change = std::move(change)](const Book& book, const Facts& facts) {
            return machines::update_alias(book.machine(arn), change, facts);
        },
        std::move(updated)
    );
}

void Registry::delete_alias(std::string arn, Callback<Done> done) {
    const auto read = read_alias_arn(arn);
    if (refused(read, done)) {
        return;
    }
    const auto& alias = std::get<asl::Arn>(read);
    const auto machine = machine_arn_of(alias);
    core_->decide(
        machine,
        [machine, name = alias.qualifier](const Book& book, const Facts&) {
            return machines::delete_alias(book.machine(machine), name);
        },
        std::move(done)
    );
}

void Registry::create_activity(CreateActivity command, Callback<CreatedActivity> done) {
    auto encryption = encryption_of(command.encryption);
    if (refused(refuse_name(command.name), done) || refused(encryption, done)) {
        return;
    }
    auto arn = asl::activity_arn(place(), command.name);
    core_->decide(
        arn,
        [core = core_.get(),
         arn,
         command = std::move(command),
         encryption = std::move(std::get<json::object>(encryption)
         )](const Book& book, const Facts& facts) -> Decided<Activity, CreatedActivity> {
            const auto* const there = book.activity(arn);
            const auto most = core->settings.most_activities;
            if (there == nullptr && book.activities.size() >= most) {
                return Refusal{
                    "ActivityLimitExceeded",
                    fmt::format("There are {} activities; no more are allowed", most)};
            }
            return machines::create_activity(there, arn, command, encryption, facts);
        },
        std::move(done)
    );
}

void Registry::delete_activity(std::string arn, Callback<Done> done) {
    if (refused(read_arn(arn, asl::ArnKind::activity), done)) {
        return;
    }
    core_->decide(
        arn,
        [arn](const Book& book, const Facts&) {
            return machines::delete_activity(book.activity(arn));
        },
        std::move(done)
    );
}

void Registry::tag(std::string arn, Tags tags, Callback<Done> done) {
    const auto read = read_tagged_arn(arn);
    if (refused(read, done)) {
        return;
    }
    if (std::get<asl::Arn>(read).kind == asl::ArnKind::activity) {
        return core_->decide(
            arn,
            [arn, tags = std::move(tags)](const Book& book, const Facts&) {
                return machines::tag(book.activity(arn), tags, arn);
            },
            std::move(done)
        );
    }
    core_->decide(
        arn,
        [arn, tags = std::move(tags)](const Book& book, const Facts&) {
            return machines::tag(book.machine(arn), tags, arn);
        },
        std::move(done)
    );
}

void Registry::untag(std::string arn, std::vector<std::string> keys, Callback<Done> done) {
    const auto read = read_tagged_arn(arn);
    if (refused(read, done)) {
        return;
    }
    if (std::get<asl::Arn>(read).kind == asl::ArnKind::activity) {
        return core_->decide(
            arn,
            [arn, keys = std::move(keys)](const Book& book, const Facts&) {
                return machines::untag(book.activity(arn), keys, arn);
            },
            std::move(done)
        );
    }
    core_->decide(
        arn,
        [arn, keys = std::move(keys)](const Book& book, const Facts&) {
            return machines::untag(book.machine(arn), keys, arn);
        },
        std::move(done)
    );
}

Result<Tags> Registry::tags(std::string_view arn) {
    const auto read = read_tagged_arn(arn);
    if (const auto* const refusal = std::get_if<Refusal>(&read)) {
        return *refusal;
    }
    core_->forget_if_ended(arn);
    return core_->sequence->read([&](const Book& book) -> Result<Tags> {
        if (const auto* const machine = book.machine(arn)) {
            return machine->tags;
        }
        if (const auto* const activity = book.activity(arn)) {
            return activity->tags;
        }
        return resource_not_found(arn);
    });
}

Result<Target> Registry::find_alias(std::string_view arn) {
    const auto read = read_alias_arn(arn);
    if (const auto* const refusal = std::get_if<Refusal>(&read)) {
        return *refusal;
    }
    auto found = find(arn);
    if (const auto* const refusal = std::get_if<Refusal>(&found)) {
        return refusal->code == "StateMachineDoesNotExist" ? no_such_reference() : *refusal;
    }
    return found;
}

}  // namespace kiln::machines
