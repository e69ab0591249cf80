#include "base/error.hpp"
#include "machines/alias_rules.hpp"
#include "machines/arns.hpp"
#include "machines/definition_text.hpp"
#include "machines/registry_core.hpp"

#include <fmt/format.h>

namespace kiln::machines {

namespace {

/// What the qualifier of this ARN means for its machine. nullopt: there is no such version or alias
std::optional<Target> target_of(MachinePtr machine, const asl::Arn& arn, std::uint64_t random) {
    Target target{std::move(machine), nullptr, std::nullopt, std::nullopt, arn.label};
    const auto& there = *target.machine;
    auto number = version_of(arn);
    if (const auto alias = there.aliases.find(arn.qualifier); alias != there.aliases.end()) {
        target.alias = alias->second;
        number = choose(alias->second.routes, random);
    }
    if (number) {
        const auto version = there.versions.find(*number);
        if (version == there.versions.end()) {
            return std::nullopt;
        }
        target.version = version->second;
        target.revision = version->second.revision;
        return target;
    }
    if (!arn.qualifier.empty()) {
        return std::nullopt;
    }
    target.revision = there.current;
    return target;
}

/// The values behind `after`, by key, that `wanted` takes.
template <class Map, class Wanted>
auto page(const Map& map, const std::string& after, std::size_t at_most, Wanted wanted) {
    std::vector<typename Map::mapped_type> found;
    for (auto at = map.upper_bound(after); at != map.end() && found.size() < at_most; ++at) {
        if (wanted(*at->second)) {
            found.push_back(at->second);
        }
    }
    return found;
}

}  // namespace

Result<Target> Registry::find(std::string_view arn) {
    const auto read = read_arn(arn, asl::ArnKind::state_machine);
    if (const auto* const refusal = std::get_if<Refusal>(&read)) {
        return *refusal;
    }
    const auto& parsed = std::get<asl::Arn>(read);
    const auto machine_arn = machine_arn_of(parsed);
    if (core_->forget_if_ended(machine_arn)) {
        return machine_does_not_exist(arn);
    }
    auto machine = core_->sequence->read([&](const Book& book) -> MachinePtr {
        const auto at = book.machines.find(machine_arn);
        return at == book.machines.end() ? nullptr : at->second;
    });
    if (!machine) {
        return machine_does_not_exist(arn);
    }
    auto target = target_of(std::move(machine), parsed, core_->surroundings.random());
    return target ? Result<Target>{*std::move(target)} : machine_does_not_exist(arn);
}

Result<Target> Registry::find_startable(std::string_view arn) {
    auto found = find(arn);
    if (const auto* const target = std::get_if<Target>(&found)) {
        if (!target->label.empty()) {
            return Refusal{
                "ValidationException",
                fmt::format("This operation does not support labeled ARNs: '{}'", arn)};
        }
        if (target->machine->status == MachineStatus::deleting) {
            return machine_is_deleting(target->machine->arn);
        }
    }
    return found;
}

Result<ActivityPtr> Registry::find_activity(std::string_view arn) {
    const auto read = read_arn(arn, asl::ArnKind::activity);
    if (const auto* const refusal = std::get_if<Refusal>(&read)) {
        return *refusal;
    }
    return core_->sequence->read([&](const Book& book) -> Result<ActivityPtr> {
        const auto at = book.activities.find(arn);
        if (at == book.activities.end()) {
            return Refusal{
                "ActivityDoesNotExist", fmt::format("Activity Does Not Exist: '{}'", arn)};
        }
        return at->second;
    });
}

bool Registry::has_activity(std::string_view arn) {
    return core_->sequence->read([&](const Book& book) { return book.activity(arn) != nullptr; });
}

std::vector<MachinePtr> Registry::machines(std::string_view after, std::size_t at_most) {
    const auto start = asl::state_machine_arn(place(), after);
    return core_->sequence->read([&](const Book& book) {
        return page(book.machines, start, at_most, [](const Machine& machine) {
            return machine.status == MachineStatus::active;
        });
    });
}

std::vector<std::string> Registry::deleting() {
    return core_->sequence->read([](const Book& book) {
        std::vector<std::string> arns;
        for (const auto& [arn, machine] : book.machines) {
            if (machine->status == MachineStatus::deleting) {
                arns.push_back(arn);
            }
        }
        return arns;
    });
}

std::vector<ActivityPtr> Registry::activities(std::string_view after, std::size_t at_most) {
    const auto start = asl::activity_arn(place(), after);
    return core_->sequence->read([&](const Book& book) {
        return page(book.activities, start, at_most, [](const Activity&) { return true; });
    });
}

asl::StateMachinePtr Registry::revision(ports::RevisionNumber number) {
    if (auto machine = core_->compiled.find(number)) {
        return machine;
    }
    const auto row = core_->store.find_revision(number);
    if (!row) {
        return nullptr;
    }
    // What is express was judged by narrower rules: it passes these, too.
    auto machine = compile(row->definition, MachineType::standard);
    if (const auto* const refusal = std::get_if<Refusal>(&machine)) {
        throw Error{
            ErrorKind::corrupt,
            fmt::format("revision {} of {}: {}", number, row->machine, refusal->message)};
    }
    return core_->compiled.keep(number, std::get<asl::StateMachinePtr>(std::move(machine)));
}

std::optional<ports::RevisionRow> Registry::stored_revision(ports::RevisionNumber number) {
    return core_->store.find_revision(number);
}

void Registry::forget_ended() {
    for (const auto& arn : deleting()) {
        (void)core_->forget_if_ended(arn);
    }
}

void Registry::forget_retired(std::chrono::hours kept) {
    core_->store.apply(
        {ports::machine_change::ForgetRetired{core_->clock.now() - kept}},
        [](const std::exception_ptr&) {}
    );
}

}  // namespace kiln::machines
