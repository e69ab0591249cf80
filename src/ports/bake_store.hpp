#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is remembered of bakes: records, their events, checkpoints.
namespace kiln::ports {

enum class BakeState {
    running,      ///< a holder is at work on it
    succeeded,    ///< its image exists
    failed,       ///< an error is recorded
    cancelled,    ///< a user stopped it
    interrupted,  ///< its process died; what it owned was undone
};

[[nodiscard]] std::string_view to_string(BakeState state) noexcept;
/// @throws Error corrupt: unknown word
[[nodiscard]] BakeState bake_state(std::string_view word);

struct BakeRecord {
    BakeId id;
    std::string key;   ///< the bake key, 64 hex digits
    std::string name;  ///< of the image it makes
    BakeState state = BakeState::running;
    HolderId holder;
    JobId job;
    ImageId parent;
    std::optional<ImageId> image;
    json::value request;  ///< as understood, to be run again
    json::value result;   ///< error, time line, cause; null while it runs
    TimePoint created;
    std::optional<TimePoint> ended;
};

/// One reply, as the specification has it. Sequence numbers start at 1 without gaps.
struct BakeEvent {
    std::int64_t sequence = 0;
    std::string category;  ///< ACCEPTED, LOG, STEP, IMAGE, ERROR, END
    TimePoint time;
    std::string step;  ///< "" where none
    std::string message;
    json::value data;
    bool final = false;
};

[[nodiscard]] json::object to_json(const BakeId& bake, const BakeEvent& event);

struct BakeFilter {
    std::optional<BakeState> state;
    std::optional<std::string> name;  ///< with * and ?
    std::size_t limit = 100;
};

class BakeStore {
  public:
    virtual ~BakeStore() = default;

    /// Inserts a running record, or returns the record that already is: a running bake of that key,
    /// or the newest succeeded one. Atomic over all processes: two callers never both insert.
    /// With `force` only a running bake of the key is joined... never a finished one.
    /// The store asks nobody: whether a running bake's holder still lives, and whether a succeeded
    /// bake's image still exists, is for the caller to see (sweep and begin again; force).
    /// @throws Error  conflict: the id is taken
    struct Begun {
        BakeRecord record;
        bool inserted = false;
    };

    virtual Begun begin(const BakeRecord& record, bool force) = 0;

    /// Appends events (their sequence numbers are given) and, when `ended` is set, finishes the
    /// record in the same commit; all of it or nothing.
    /// @throws Error  not_found · conflict: the record was finished by someone else, or has an
    /// event of that number
    struct Ending {
        BakeState state;
        std::optional<ImageId> image;
        json::value result;
        TimePoint at;
    };

    virtual void append(
        const BakeId& id, const std::vector<BakeEvent>& events, const std::optional<Ending>& ended
    ) = 0;
    /// @throws Error  not_found
    [[nodiscard]] virtual BakeRecord get(const BakeId& id) = 0;
    /// Newest first.
    [[nodiscard]] virtual std::vector<BakeRecord> list(const BakeFilter& filter) = 0;
    /// Events with a sequence above `after`, at most `limit`, in order.
    [[nodiscard]] virtual std::vector<BakeEvent> events(
        const BakeId& id, std::int64_t after, std::size_t limit
    ) = 0;
    /// Removes these records, with their events, in one commit. One that still runs stays, one that
    /// is gone already is passed over. @returns how many went
    virtual std::size_t forget(const std::vector<BakeId>& ids) = 0;
};

/// A volume's state after a command, found again by what led to it.
struct Checkpoint {
    std::string key;  ///< hash of parent, bootstrap, environment and all commands so far
    SnapshotId snapshot;
    std::size_t commands = 0;  ///< how many commands it holds
    Bytes stored;
    TimePoint created;
    TimePoint used;
    std::optional<BakeId> bake;
};

class CheckpointStore {
  public:
    virtual ~CheckpointStore() = default;
    /// A key already there keeps its checkpoint. @returns false then
    virtual bool put(const Checkpoint& checkpoint) = 0;
    /// The one with the most commands among `keys`; marks it used at `now`.
    [[nodiscard]] virtual std::optional<Checkpoint> find_longest(
        const std::vector<std::string>& keys, TimePoint now
    ) = 0;
    /// Least recently used first.
    [[nodiscard]] virtual std::vector<Checkpoint> list() = 0;
    virtual void remove(const std::string& key) = 0;
};

}  // namespace kiln::ports
