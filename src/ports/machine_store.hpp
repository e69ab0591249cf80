#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the registry of state machines remembers. Its rules are not here: a store keeps rows, and
/// texts that are the registry's.
namespace kiln::ports {

/// Which revision of which machine, from 1, rising; never used twice.
using RevisionNumber = std::int64_t;

struct MachineRow {
    std::string arn;  ///< unique
    std::string name;
    std::string type;               ///< "STANDARD", "EXPRESS"
    std::string status;             ///< "ACTIVE", "DELETING"
    RevisionNumber revision = 0;    ///< the current one
    std::int64_t last_version = 0;  ///< the highest number that a version of it ever had
    TimePoint created;
    std::string tags;  ///< JSON

    bool operator==(const MachineRow&) const = default;
};

/// What a machine was from one change to the next. Never written over.
struct RevisionRow {
    RevisionNumber number = 0;
    std::string machine;     ///< ARN
    std::string id;          ///< a UUID; "" the machine's first
    std::string definition;  ///< as given
    std::string digest;      ///< of the definition
    std::string role;
    std::string logging;  ///< JSON, as are the next two
    std::string tracing;
    std::string encryption;
    TimePoint created;
    /// Since when no machine and no version is of this revision; executions may be.
    std::optional<TimePoint> retired;

    bool operator==(const RevisionRow&) const = default;
};

/// A version that was published. Unique by machine and number.
struct VersionRow {
    std::string machine;  ///< ARN
    std::int64_t number = 0;
    RevisionNumber revision = 0;
    std::optional<std::string> description;
    TimePoint created;

    bool operator==(const VersionRow&) const = default;
};

/// Unique by machine and name.
struct AliasRow {
    std::string machine;  ///< ARN
    std::string name;
    std::optional<std::string> description;
    std::string routes;  ///< JSON
    TimePoint created;
    TimePoint updated;

    bool operator==(const AliasRow&) const = default;
};

struct ActivityRow {
    std::string arn;  ///< unique
    std::string name;
    std::string encryption;  ///< JSON
    TimePoint created;
    std::string tags;  ///< JSON

    bool operator==(const ActivityRow&) const = default;
};

/// Changes of rows. Those of rows that are not there change nothing. `Put…` makes the row, or
/// writes it over.
namespace machine_change {

struct PutMachine {
    MachineRow row;
};

/// With its versions and aliases. Its revisions stay.
struct RemoveMachine {
    std::string arn;
};

struct AddRevision {
    RevisionRow row;
    /// Whose definition it has, where it is not `row`'s; that one is there.
    std::optional<RevisionNumber> definition_of;
};

struct RetireRevision {
    RevisionNumber number = 0;
    TimePoint at;
};

/// Revisions that were retired before; the newest of all stays, so that no number comes again.
struct ForgetRetired {
    TimePoint before;
};

struct PutVersion {
    VersionRow row;
};

struct RemoveVersion {
    std::string machine;
    std::int64_t number = 0;
};

struct PutAlias {
    AliasRow row;
};

struct RemoveAlias {
    std::string machine;
    std::string name;
};

struct PutActivity {
    ActivityRow row;
};

struct RemoveActivity {
    std::string arn;
};

}  // namespace machine_change

using MachineChange = std::variant<
    machine_change::PutMachine,
    machine_change::RemoveMachine,
    machine_change::AddRevision,
    machine_change::RetireRevision,
    machine_change::ForgetRetired,
    machine_change::PutVersion,
    machine_change::RemoveVersion,
    machine_change::PutAlias,
    machine_change::RemoveAlias,
    machine_change::PutActivity,
    machine_change::RemoveActivity>;

using MachineChanges = std::vector<MachineChange>;

class MachineStore {
  public:
    virtual ~MachineStore() = default;

    /// All of them, by ARN. @throws Error by the store
    [[nodiscard]] virtual std::vector<MachineRow> machines() = 0;
    /// Those that are not retired, by number, their definitions left empty.
    [[nodiscard]] virtual std::vector<RevisionRow> live_revisions() = 0;
    /// By machine and number.
    [[nodiscard]] virtual std::vector<VersionRow> versions() = 0;
    /// By machine and name.
    [[nodiscard]] virtual std::vector<AliasRow> aliases() = 0;
    /// By ARN.
    [[nodiscard]] virtual std::vector<ActivityRow> activities() = 0;
    /// The highest number of a revision; 0: there is none.
    [[nodiscard]] virtual RevisionNumber last_revision() = 0;
    /// Whole, retired or not.
    [[nodiscard]] virtual std::optional<RevisionRow> find_revision(RevisionNumber number) = 0;

    /// nullptr: the changes are durable; else why nothing of them has happened.
    using Applied = std::function<void(std::exception_ptr failure)>;
    /// Makes the changes in their order, all or none; calls take effect in their order. Does not
    /// wait: `done` is called once, on any thread, perhaps before this returns; it must not block.
    virtual void apply(MachineChanges changes, Applied done) = 0;
};

}  // namespace kiln::ports
