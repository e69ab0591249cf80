#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the instance API remembers. Its rules are not here: a store keeps rows, and texts that are
/// the API's.
namespace kiln::ports {

struct InstanceBuildRow {
    std::string id;             ///< a UUID
    std::int64_t revision = 0;  ///< from 1, rising with each change
    std::string state;
    TimePoint created;
    bool open = true;      ///< something is, or may be, left of it
    std::string document;  ///< JSON

    bool operator==(const InstanceBuildRow&) const = default;
};

/// An init script and the secret of its build.
struct InitScriptRow {
    std::string build;
    std::string digest;  ///< SHA-256 of the secret, 64 hex digits
    std::string secret;  ///< "" once the machines have it: the digest is enough from then on
    std::string script;  ///< "" once it is not to be had any more
    TimePoint expires;   ///< of the script
    TimePoint created;

    bool operator==(const InitScriptRow&) const = default;
};

/// An instance that is, or was, of a build, or has a mark of its own.
struct InstanceNoteRow {
    std::string id;
    std::string build;  ///< "": of none
    TimePoint launched;
    std::optional<TimePoint> gone;
    std::string reason;                 ///< of its end
    std::string expected_state = "up";  ///< "up", "down"
    std::string life_cycle;             ///< JSON of what waits for it to drain; "": nothing

    bool operator==(const InstanceNoteRow&) const = default;
};

struct InstanceGroupRow {
    std::string id;
    std::int64_t revision = 0;  ///< from 1, rising with each change
    TimePoint created;
    std::string document;  ///< JSON

    bool operator==(const InstanceGroupRow&) const = default;
};

/// A change of one build, with what belongs to it, in one commit.
struct InstanceBuildChange {
    InstanceBuildRow row;  ///< `revision` is that which was read; it becomes one more
    std::optional<InitScriptRow> script;     ///< put in, or written over
    bool remove_script = false;              ///< script and secret
    std::vector<InstanceNoteRow> instances;  ///< put in, or written over
};

struct InstanceBuildFilter {
    std::optional<bool> open;
    std::optional<std::string> state;
    std::string older_than;  ///< id; those after it in the list; "": from the first
    std::size_t limit = 100;
};

/// Safe from several threads and processes. All that changes something is durable on return.
class InstanceBuildStore {
  public:
    virtual ~InstanceBuildStore() = default;

    /// With revision 1, unless its id is known. @returns false then
    virtual bool insert(const InstanceBuildRow& row) = 0;
    [[nodiscard]] virtual std::optional<InstanceBuildRow> find(const std::string& id) = 0;
    /// Newest first.
    [[nodiscard]] virtual std::vector<InstanceBuildRow> list(const InstanceBuildFilter& filter) = 0;
    /// @returns the new revision
    /// @throws Error  not_found · conflict: the row has another revision; nothing is changed
    virtual std::int64_t change(const InstanceBuildChange& change) = 0;
    /// Removes builds that are not open and were made before `before`, with their scripts and
    /// instances. @returns how many
    virtual std::size_t forget(TimePoint before) = 0;

    /// The texts of scripts that expire by then are no more, but for those whose secret is still to
    /// be sent: their machines are yet to come.
    virtual void clear_scripts(TimePoint expired) = 0;
    [[nodiscard]] virtual std::optional<InitScriptRow> find_script(const std::string& build) = 0;

    [[nodiscard]] virtual std::optional<InstanceNoteRow> find_instance(const std::string& id) = 0;
    /// Those that are not gone, by id.
    [[nodiscard]] virtual std::vector<InstanceNoteRow> live_instances() = 0;
    /// All of a build, by id.
    [[nodiscard]] virtual std::vector<InstanceNoteRow> instances_of(const std::string& build) = 0;
    virtual void put_instance(const InstanceNoteRow& row) = 0;

    /// The active image by role.
    [[nodiscard]] virtual std::map<std::string, std::string> active_images() = 0;
    /// In place of the role's former one, at once. "" takes the mark away.
    virtual void activate_image(const std::string& role, const std::string& image) = 0;

    /// With revision 1, unless its id is known. @returns false then
    virtual bool insert_group(const InstanceGroupRow& row) = 0;
    [[nodiscard]] virtual std::optional<InstanceGroupRow> find_group(const std::string& id) = 0;
    /// By creation.
    [[nodiscard]] virtual std::vector<InstanceGroupRow> groups() = 0;
    /// `row.revision` is that which was read. @returns the new one
    /// @throws Error  not_found · conflict
    virtual std::int64_t change_group(const InstanceGroupRow& row) = 0;
    /// Absent is success.
    virtual void remove_group(const std::string& id) = 0;
};

}  // namespace kiln::ports
