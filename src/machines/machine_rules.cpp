#include "machines/machine_rules.hpp"

#include "machines/rows.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

namespace change = ports::machine_change;

template <class Answer>
using Made = Decision<Machine, Answer>;

/// A version of the current revision: the one there is, or a new one.
Result<const Version*> publish(
    Machine& machine,
    const std::optional<std::string>& description,
    const Facts& facts,
    ports::MachineChanges& changes
) {
    if (const auto* const there = machine.published()) {
        return there;
    }
    if (machine.versions.size() >= facts.most_versions) {
        return Refusal{
            "ServiceQuotaExceededException",
            fmt::format(
                "The state machine '{}' has {} versions; no more are allowed",
                machine.arn,
                machine.versions.size()
            )};
    }
    Version version{++machine.last_version, machine.current, description, facts.now};
    changes.emplace_back(change::PutVersion{row_of(version, machine.arn)});
    changes.emplace_back(change::PutMachine{row_of(machine)});
    return &machine.versions.emplace(version.number, std::move(version)).first->second;
}

bool is_used(const Machine& machine, ports::RevisionNumber number) {
    return machine.current->number == number ||
           std::any_of(machine.versions.begin(), machine.versions.end(), [&](const auto& each) {
               return each.second.revision->number == number;
           });
}

/// The revision that these changes lead to. nullopt: it is the one there is.
std::optional<Revision> next_revision(
    const Revision& current,
    const UpdateMachine& command,
    const std::string& digest,
    Configuration configuration,
    const Facts& facts
) {
    auto next = current;
    if (command.definition) {
        next.digest = digest;
    }
    next.role = command.role.value_or(current.role);
    next.configuration = std::move(configuration);
    if (next.digest == current.digest && next.role == current.role &&
        next.configuration == current.configuration) {
        return std::nullopt;
    }
    next.number = facts.next_revision;
    next.id = facts.uuid;
    next.created = facts.now;
    return next;
}

Made<Done> remove(const Machine& machine, const Facts& facts) {
    std::set<ports::RevisionNumber> revisions{machine.current->number};
    for (const auto& [number, version] : machine.versions) {
        revisions.insert(version.revision->number);
    }
    Made<Done> made;
    for (const auto number : revisions) {
        made.changes.emplace_back(change::RetireRevision{number, facts.now});
    }
    made.changes.emplace_back(change::RemoveMachine{machine.arn});
    return made;
}

Decided<Machine, CreatedMachine> create_again(const Machine& there, const CheckedMachine& checked) {
    const auto& command = checked.command;
    if (there.status == MachineStatus::deleting) {
        return machine_is_deleting(there.arn);
    }
    const auto* const version = there.published();
    const bool same_version =
        !command.publish ||
        (version != nullptr && version->description == command.version_description);
    if (there.type == command.type && there.current->digest == checked.digest &&
        there.current->configuration == checked.configuration && same_version) {
        return Made<CreatedMachine>{
            {there.arn,
             there.created,
             command.publish ? there.version_arn(version->number) : std::string{}},
            there,
            {}};
    }
    return Refusal{
        "StateMachineAlreadyExists", fmt::format("State Machine Already Exists: '{}'", there.arn)};
}

}  // namespace

std::optional<Refusal> refuse_description(
    bool publish, const std::optional<std::string>& description
) {
    if (publish || !description) {
        return std::nullopt;
    }
    return Refusal{
        "ValidationException", "Version description can only be set when publish is true"};
}

Decided<Machine, CreatedMachine> create_machine(
    const Machine* there, const CheckedMachine& checked, const Facts& facts
) {
    if (there != nullptr) {
        return create_again(*there, checked);
    }
    const auto& command = checked.command;
    auto tags = merge_tags({}, command.tags, checked.arn);
    if (auto* const refusal = std::get_if<Refusal>(&tags)) {
        return std::move(*refusal);
    }
    const auto revision = std::make_shared<const Revision>(Revision{
        .number = facts.next_revision,
        .id = "",
        .digest = checked.digest,
        .role = command.role,
        .configuration = checked.configuration,
        .created = facts.now});
    Machine machine;
    machine.arn = checked.arn;
    machine.name = command.name;
    machine.type = command.type;
    machine.current = revision;
    machine.created = facts.now;
    machine.tags = std::move(std::get<Tags>(tags));
    Made<CreatedMachine> made{{machine.arn, machine.created, ""}, std::nullopt, {}};
    made.changes.emplace_back(change::AddRevision{
        row_of(*revision, machine.arn, command.definition), std::nullopt});
    made.changes.emplace_back(change::PutMachine{row_of(machine)});
    if (command.publish) {
        auto version = publish(machine, command.version_description, facts, made.changes);
        if (auto* const refusal = std::get_if<Refusal>(&version)) {
            return std::move(*refusal);
        }
        made.answer.version_arn = machine.version_arn(std::get<const Version*>(version)->number);
    }
    made.after = std::move(machine);
    return made;
}

Decided<Machine, UpdatedMachine> update_machine(
    const Machine* there,
    const UpdateMachine& command,
    const std::string& digest,
    const Facts& facts
) {
    if (there == nullptr) {
        return machine_does_not_exist(command.arn);
    }
    if (there->status == MachineStatus::deleting) {
        return machine_is_deleting(there->arn);
    }
    auto configured = configure(
        command.logging, command.tracing, command.encryption, there->current->configuration
    );
    if (auto* const refusal = std::get_if<Refusal>(&configured)) {
        return std::move(*refusal);
    }
    auto machine = *there;
    Made<UpdatedMachine> made;
    if (auto next = next_revision(
            *there->current, command, digest, std::move(std::get<Configuration>(configured)), facts
        )) {
        machine.current = std::make_shared<const Revision>(*std::move(next));
        made.changes.emplace_back(change::AddRevision{
            row_of(*machine.current, machine.arn, command.definition.value_or("")),
            command.definition ? std::nullopt : std::optional{there->current->number}});
        made.changes.emplace_back(change::PutMachine{row_of(machine)});
        if (!is_used(machine, there->current->number)) {
            made.changes.emplace_back(change::RetireRevision{there->current->number, facts.now});
        }
    }
    made.answer = {facts.now, machine.current->id, ""};
    if (command.publish) {
        auto version = publish(machine, command.version_description, facts, made.changes);
        if (auto* const refusal = std::get_if<Refusal>(&version)) {
            return std::move(*refusal);
        }
        made.answer.version_arn = machine.version_arn(std::get<const Version*>(version)->number);
    }
    made.after = std::move(machine);
    return made;
}

Decided<Machine, Done> delete_machine(const Machine* there, std::size_t open, const Facts& facts) {
    if (there == nullptr) {
        return Made<Done>{};
    }
    if (open == 0) {
        return remove(*there, facts);
    }
    if (there->status == MachineStatus::deleting) {
        return Made<Done>{{}, *there, {}};
    }
    auto machine = *there;
    machine.status = MachineStatus::deleting;
    Made<Done> made;
    made.changes.emplace_back(change::PutMachine{row_of(machine)});
    made.after = std::move(machine);
    return made;
}

Decided<Machine, PublishedVersion> publish_version(
    const Machine* there, const PublishVersion& command, const Facts& facts
) {
    if (there == nullptr) {
        return machine_does_not_exist(command.machine_arn);
    }
    if (there->status == MachineStatus::deleting) {
        return machine_is_deleting(there->arn);
    }
    const std::string current = there->current->id.empty() ? "INITIAL" : there->current->id;
    if (command.revision_id && *command.revision_id != current) {
        return Refusal{
            "ConflictException",
            fmt::format(
                "Failed to publish the State Machine version for revision {}. The current State "
                "Machine revision is {}.",
                *command.revision_id,
                current
            )};
    }
    auto machine = *there;
    Made<PublishedVersion> made;
    auto version = publish(machine, command.description, facts, made.changes);
    if (auto* const refusal = std::get_if<Refusal>(&version)) {
        return std::move(*refusal);
    }
    const auto& published = *std::get<const Version*>(version);
    made.answer = {machine.version_arn(published.number), published.created};
    made.after = std::move(machine);
    return made;
}

Decided<Machine, Done> delete_version(
    const Machine* there, std::int64_t number, const Facts& facts
) {
    if (there == nullptr || !there->versions.contains(number)) {
        return Made<Done>{{}, there == nullptr ? std::nullopt : std::optional{*there}, {}};
    }
    std::vector<std::string_view> aliases;
    for (const auto& [name, alias] : there->aliases) {
        if (std::any_of(alias.routes.begin(), alias.routes.end(), [&](const Route& route) {
                return route.version == number;
            })) {
            aliases.push_back(name);
        }
    }
    if (!aliases.empty()) {
        return Refusal{
            "ConflictException",
            fmt::format(
                "Version to be deleted must not be referenced by an alias. Current list of aliases "
                "referencing this version: [{}]",
                fmt::join(aliases, ", ")
            )};
    }
    auto machine = *there;
    const auto revision = machine.versions.at(number).revision->number;
    machine.versions.erase(number);
    Made<Done> made;
    made.changes.emplace_back(change::RemoveVersion{machine.arn, number});
    if (!is_used(machine, revision)) {
        made.changes.emplace_back(change::RetireRevision{revision, facts.now});
    }
    made.after = std::move(machine);
    return made;
}

}  // namespace kiln::machines
