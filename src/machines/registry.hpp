#pragma once

#include "asl/arn.hpp"
#include "asl/definition.hpp"
#include "machines/commands.hpp"
#include "ports/clock.hpp"
#include "ports/machine_store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::machines {

/// Called exactly once, on any thread, when the answer is durable. Must not block nor throw; may
/// ask the registry.
template <class T>
using Callback = std::function<void(Result<T>)>;

struct RegistrySettings {
    asl::ArnPlace place{"aws", "us-east-1", "000000000000"};
    std::size_t most_machines = 100'000;
    std::size_t most_activities = 100'000;
    std::size_t most_versions = 1'000;    ///< of one machine
    std::size_t most_aliases = 100;       ///< of one machine
    std::size_t cached_machines = 1'000;  ///< parsed definitions that nobody uses now
};

/// What the registry asks of its surroundings; injected.
struct Surroundings {
    std::function<std::string()> uuid;
    std::function<std::uint64_t()> random;  ///< all 64 bits: where an alias leads
    /// Executions of this machine that are open: it goes when there are none.
    std::function<std::size_t(std::string_view machine_arn)> open_executions;
};

/// State machines, their revisions, versions and aliases, activities, tags.
///
/// Reads are answered from memory, on any thread. Changes are decided one after the other, each on
/// what is durable, and seen when they are durable themselves: `done` is called then.
/// A failed store is told as Refusal{"InternalFailure"}: then nothing of it has happened.
class Registry {
  public:
    /// `store` and `clock` outlive this; all that was asked is answered before it goes.
    /// @throws Error by the store
    Registry(
        ports::MachineStore& store,
        const ports::Clock& clock,
        Surroundings surroundings,
        RegistrySettings settings = {}
    );
    Registry(Registry&&) = delete;
    ~Registry();

    // --- Changes. None waits but for the parsing of a definition, on the caller's thread.

    /// Refused: InvalidName · InvalidDefinition · InvalidLoggingConfiguration ·
    /// InvalidEncryptionConfiguration · StateMachineAlreadyExists · StateMachineDeleting ·
    /// StateMachineLimitExceeded · TooManyTags · ValidationException
    void create_machine(CreateMachine command, Callback<CreatedMachine> done);
    /// Refused: as above, and InvalidArn · StateMachineDoesNotExist · MissingRequiredParameter
    void update_machine(UpdateMachine command, Callback<UpdatedMachine> done);
    /// A machine that is not there is success. One with open executions is DELETING until they
    /// have ended; the caller tells the engine. Refused: InvalidArn · ValidationException
    void delete_machine(std::string arn, Callback<Done> done);

    /// Refused: InvalidArn · StateMachineDoesNotExist · StateMachineDeleting · ConflictException ·
    /// ServiceQuotaExceededException
    void publish_version(PublishVersion command, Callback<PublishedVersion> done);
    /// Refused: InvalidArn · ConflictException: an alias leads there
    void delete_version(std::string arn, Callback<Done> done);

    /// Refused: ValidationException · ConflictException · ResourceNotFound · StateMachineDeleting ·
    /// ServiceQuotaExceededException · InvalidArn
    void create_alias(CreateAlias command, Callback<CreatedAlias> done);
    void update_alias(UpdateAlias command, Callback<TimePoint> updated);
    void delete_alias(std::string arn, Callback<Done> done);

    /// Refused: InvalidName · ActivityAlreadyExists · ActivityLimitExceeded · TooManyTags ·
    /// InvalidEncryptionConfiguration
    void create_activity(CreateActivity command, Callback<CreatedActivity> done);
    /// One that is not there is success. Refused: InvalidArn
    void delete_activity(std::string arn, Callback<Done> done);

    /// Refused: InvalidArn · ResourceNotFound · TooManyTags
    void tag(std::string arn, Tags tags, Callback<Done> done);
    void untag(std::string arn, std::vector<std::string> keys, Callback<Done> done);

    /// Forgets revisions that nothing can refer to any more: retired `kept` ago. For a periodic
    /// task; `kept` is longer than an execution may last and be remembered.
    void forget_retired(std::chrono::hours kept = std::chrono::hours{24 * 480});

    /// Machines that are being deleted and whose executions have ended go now, though nobody looks
    /// at them. For a periodic task.
    void forget_ended();

    // --- Reads.

    /// The machine, version or alias of this ARN; an alias leads to one of its versions by chance.
    /// Refused: InvalidArn · StateMachineDoesNotExist
    [[nodiscard]] Result<Target> find(std::string_view arn);
    /// As `find`, for what begins an execution. Refused, too: StateMachineDeleting ·
    /// ValidationException: a Map's label
    [[nodiscard]] Result<Target> find_startable(std::string_view arn);
    /// Refused: InvalidArn · ResourceNotFound
    [[nodiscard]] Result<Target> find_alias(std::string_view arn);
    /// Refused: InvalidArn · ActivityDoesNotExist
    [[nodiscard]] Result<ActivityPtr> find_activity(std::string_view arn);
    [[nodiscard]] bool has_activity(std::string_view arn);
    /// Refused: InvalidArn · ResourceNotFound
    [[nodiscard]] Result<Tags> tags(std::string_view arn);

    /// By name, those after `after`. Machines that are being deleted are not among them.
    [[nodiscard]] std::vector<MachinePtr> machines(std::string_view after, std::size_t at_most);
    /// ARNs of those that are being deleted. After a start the caller tells the engine of them.
    [[nodiscard]] std::vector<std::string> deleting();
    [[nodiscard]] std::vector<ActivityPtr> activities(std::string_view after, std::size_t at_most);

    /// A definition, compiled. Kept while somebody uses it, and a while after.
    /// nullptr: there is no such revision. @throws Error by the store
    [[nodiscard]] asl::StateMachinePtr revision(ports::RevisionNumber number);
    /// The revision with its definition's text. @throws Error by the store
    [[nodiscard]] std::optional<ports::RevisionRow> stored_revision(ports::RevisionNumber number);

    [[nodiscard]] const asl::ArnPlace& place() const noexcept;

    class Core;

  private:
    std::shared_ptr<Core> core_;
};

}  // namespace kiln::machines
