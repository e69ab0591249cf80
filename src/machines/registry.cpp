#include "machines/registry.hpp"

#include "base/sha256.hpp"
#include "machines/arns.hpp"
#include "machines/definition_text.hpp"
#include "machines/machine_rules.hpp"
#include "machines/registry_core.hpp"

#include <fmt/format.h>

namespace kiln::machines {

namespace {

/// A machine's or an activity's limit was reached.
Refusal too_many(std::string_view code, std::string_view what, std::size_t most) {
    return {std::string{code}, fmt::format("There are {} {}; no more are allowed", most, what)};
}

/// Tells `done`, and keeps the compiled definition when the machine is there: it is wanted soon.
Callback<CreatedMachine> keeping(
    Registry::Core* core,
    std::shared_ptr<const CheckedMachine> checked,
    asl::StateMachinePtr compiled,
    Callback<CreatedMachine> done
) {
    return [=](const Result<CreatedMachine>& result) {
        const auto number = core->sequence->read([&](const Book& book) {
            const auto* const machine = book.machine(checked->arn);
            const bool same = machine != nullptr && machine->current->digest == checked->digest;
            return same ? machine->current->number : 0;
        });
        if (number > 0) {
            core->compiled.keep(number, compiled);
        }
        done(result);
    };
}

constexpr auto kMachine = asl::ArnKind::state_machine;

}  // namespace

Registry::Core::Core(
    ports::MachineStore& the_store,
    const ports::Clock& the_clock,
    Surroundings its_surroundings,
    RegistrySettings its_settings
)
    : store{the_store},
      clock{the_clock},
      surroundings{std::move(its_surroundings)},
      settings{std::move(its_settings)},
      compiled{settings.cached_machines},
      sequence{std::make_shared<Sequence>(store, load(store))} {}

Facts Registry::Core::facts(const Book& book) const {
    return {
        .now = clock.now(),
        .next_revision = book.last_revision + 1,
        .uuid = surroundings.uuid(),
        .most_versions = settings.most_versions,
        .most_aliases = settings.most_aliases};
}

bool Registry::Core::forget_if_ended(std::string_view arn) {
    const bool deleting = sequence->read([&](const Book& book) {
        const auto* const machine = book.machine(arn);
        return machine != nullptr && machine->status == MachineStatus::deleting;
    });
    if (!deleting || surroundings.open_executions(arn) > 0) {
        return false;
    }
    decide(
        std::string{arn},
        [key = std::string{arn}](const Book& book, const Facts& facts) {
            const auto* const machine = book.machine(key);
            const bool still = machine != nullptr && machine->status == MachineStatus::deleting;
            return machines::delete_machine(still ? machine : nullptr, 0, facts);
        },
        Callback<Done>{[](const Result<Done>&) {}}
    );
    return true;
}

Registry::Registry(
    ports::MachineStore& store,
    const ports::Clock& clock,
    Surroundings surroundings,
    RegistrySettings settings
)
    : core_{std::make_shared<Core>(store, clock, std::move(surroundings), std::move(settings))} {}

Registry::~Registry() {
    core_->sequence->finish();
}

const asl::ArnPlace& Registry::place() const noexcept {
    return core_->settings.place;
}

void Registry::create_machine(CreateMachine command, Callback<CreatedMachine> done) {
    auto configured =
        configure(command.logging, command.tracing, command.encryption, default_configuration());
    if (refused(refuse_description(command.publish, command.version_description), done) ||
        refused(refuse_name(command.name), done) || refused(configured, done)) {
        return;
    }
    auto machine = compile(command.definition, command.type);
    if (refused(machine, done)) {
        return;
    }
    auto arn = asl::state_machine_arn(place(), command.name);
    auto digest = sha256(command.definition);
    core_->forget_if_ended(arn);
    const auto checked = std::make_shared<const CheckedMachine>(CheckedMachine{
        arn, std::move(command), std::move(std::get<Configuration>(configured)), std::move(digest)}
    );
    core_->decide(
        std::move(arn),
        [core = core_.get(),
         checked](const Book& book, const Facts& facts) -> Decided<Machine, CreatedMachine> {
            const auto* const there = book.machine(checked->arn);
            if (there == nullptr && book.machines.size() >= core->settings.most_machines) {
                return too_many(
                    "StateMachineLimitExceeded", "state machines", core->settings.most_machines
                );
            }
            return machines::create_machine(there, *checked, facts);
        },
        keeping(core_.get(), checked, std::get<asl::StateMachinePtr>(machine), std::move(done))
    );
}

void Registry::update_machine(UpdateMachine command, Callback<UpdatedMachine> done) {
    if (refused(read_arn(command.arn, kMachine), done)) {
        return;
    }
    if (!command.definition && !command.role && !command.logging && !command.tracing &&
        !command.encryption) {
        return done(Refusal{
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the "
            "TracingConfiguration must be specified"});
    }
    core_->forget_if_ended(command.arn);
    const auto there = core_->sequence->read([&](const Book& book) {
        const auto at = book.machines.find(command.arn);
        return at == book.machines.end() ? nullptr : at->second;
    });
    if (!there) {
        return done(machine_does_not_exist(command.arn));
    }
    if (refused(refuse_description(command.publish, command.version_description), done)) {
        return;
    }
    std::string digest;
    if (command.definition) {
        if (refused(compile(*command.definition, there->type), done)) {
            return;
        }
        digest = sha256(*command.definition);
    }
    auto arn = command.arn;
    core_->decide(
        std::move(arn),
        [command = std::make_shared<const UpdateMachine>(std::move(command)), digest](
            const Book& book, const Facts& facts
        ) { return machines::update_machine(book.machine(command->arn), *command, digest, facts); },
        std::move(done)
    );
}

void Registry::delete_machine(std::string arn, Callback<Done> done) {
    const auto parsed = read_arn(arn, kMachine);
    if (refused(parsed, done)) {
        return;
    }
    const auto& name = std::get<asl::Arn>(parsed);
    if (!name.qualifier.empty() || !name.label.empty()) {
        return done(Refusal{
            "ValidationException",
            fmt::format("DeleteStateMachine takes no qualified ARN: '{}'", arn)});
    }
    const auto open = core_->surroundings.open_executions(arn);
    core_->decide(
        arn,
        [arn, open](const Book& book, const Facts& facts) {
            return machines::delete_machine(book.machine(arn), open, facts);
        },
        std::move(done)
    );
}

void Registry::publish_version(PublishVersion command, Callback<PublishedVersion> done) {
    if (refused(read_arn(command.machine_arn, kMachine), done)) {
        return;
    }
    core_->forget_if_ended(command.machine_arn);
    auto arn = command.machine_arn;
    core_->decide(
        std::move(arn),
        [command = std::move(command)](const Book& book, const Facts& facts) {
            return machines::publish_version(book.machine(command.machine_arn), command, facts);
        },
        std::move(done)
    );
}

void Registry::delete_version(std::string arn, Callback<Done> done) {
    const auto parsed = read_arn(arn, kMachine);
    if (refused(parsed, done)) {
        return;
    }
    const auto& name = std::get<asl::Arn>(parsed);
    const auto version = version_of(name);
    if (!version || !name.label.empty()) {
        return done(Refusal{
            "InvalidArn", fmt::format("Invalid Arn: 'No ARN of a version: {}'", arn)});
    }
    core_->decide(
        machine_arn_of(name),
        [arn = machine_arn_of(name), version](const Book& book, const Facts& facts) {
            return machines::delete_version(book.machine(arn), *version, facts);
        },
        std::move(done)
    );
}

}  // namespace kiln::machines
