#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is remembered of bakes: records, their events, checkpoints.
namespace kiln::ports {

enum class BakeState {
    queued,       ///< accepted, its request waits in a queue; nobody is at work on it
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
    std::string key;   ///< the bake key, 64 hex digits; "" before an attempt worked it out
    std::string name;  ///< of the image it makes
    BakeState state = BakeState::running;
    HolderId holder;
    JobId job;
    ImageId parent;
    std::optional<ImageId> image;
    json::value request;  ///< as understood, to be run again; as given before the first attempt
    json::value result;   ///< error, time line, cause; null while it runs the first time
    TimePoint created;    ///< of one that came through a queue: when it was accepted
    std::optional<TimePoint> ended;
    std::int64_t attempt = 1;            ///< the newest that began; 0: it waits for its first
    std::string queue = {};              ///< reference of the queue it came through; "": none
    std::optional<BakeId> same_as = {};  ///< the bake of the same key that does, or did, the work
    std::string note = {};               ///< what else is to be known: replies were given up
};

/// Where in a bake's events: they are in the order of their places.
struct EventPlace {
    std::int64_t attempt = 0;
    std::int64_t sequence = 0;

    auto operator<=>(const EventPlace&) const = default;
};

/// One reply, as the specification has it. Sequence numbers of an attempt start at 1 without gaps.
struct BakeEvent {
    std::int64_t sequence = 0;
    std::string category;  ///< ACCEPTED, LOG, STEP, IMAGE, ERROR, END
    TimePoint time;
    std::string step;  ///< "" where none
    std::string message;
    json::value data;
    bool final = false;
    std::int64_t attempt = 1;  ///< not part of the JSON; ACCEPTED's data has it, too

    [[nodiscard]] EventPlace place() const noexcept { return {attempt, sequence}; }
};

[[nodiscard]] json::object to_json(const BakeId& bake, const BakeEvent& event);
[[nodiscard]] json::object to_json(const BakeRecord& record);
/// Why a bake, or its newest attempt, failed, as the record's result has it; "": it does not.
[[nodiscard]] std::string failure_reason(const json::value& result);

struct BakeFilter {
    std::optional<BakeState> state;
    std::optional<std::string> name;   ///< with * and ?
    std::optional<BakeId> older_than;  ///< those after it in the list; none where it is unknown
    std::size_t limit = 100;
};

class BakeStore {
  public:
    virtual ~BakeStore() = default;

    /// Inserts a queued record unless its id is known. @returns false then
    virtual bool submit(const BakeRecord& record) = 0;

    /// Inserts a running record, or makes the queued one of its id run as `record.attempt` (when it
    /// was accepted stays), or returns what stands for it: a running bake of that key, or the
    /// newest succeeded one. Atomic over all processes: two callers never both insert. With `force`
    /// only a running bake of the key is returned, never a finished one. A record that is the same
    /// as another bake (`same_as`) neither looks for one that stands for it nor stands for others.
    /// The store asks nobody: whether a running bake's holder still lives, and whether a succeeded
    /// bake's image still exists, is for the caller to see (sweep and begin again; force).
    /// @throws Error  conflict: the id is taken: not queued, or of that attempt or a later one
    struct Begun {
        BakeRecord record;
        bool inserted = false;
    };

    virtual Begun begin(const BakeRecord& record, bool force) = 0;

    /// How a record, or, with state `queued`, only its attempt ends: it waits in its queue again.
    struct Ending {
        BakeState state;
        std::optional<ImageId> image;
        json::value result;
        TimePoint at;
    };

    /// Appends events of an attempt (their `attempt` is set to it; sequence numbers are given) and,
    /// when `ended` is set, finishes record or attempt in the same commit; all of it or nothing.
    /// The attempt is the one that runs; or a later one than any that ran, to end a queued bake
    /// that is not to run any more.
    /// @throws Error  not_found · conflict: the record was finished, its attempt was given up, or
    /// it has an event of that number
    virtual void append(
        const BakeId& id,
        std::int64_t attempt,
        const std::vector<BakeEvent>& events,
        const std::optional<Ending>& ended
    ) = 0;
    /// Writes a remark into the record, whatever its state. One that is gone is passed over.
    virtual void note(const BakeId& id, const std::string& text) = 0;
    /// @throws Error  not_found
    [[nodiscard]] virtual BakeRecord get(const BakeId& id) = 0;
    /// Newest first.
    [[nodiscard]] virtual std::vector<BakeRecord> list(const BakeFilter& filter) = 0;
    /// How many there are in each state; a state without any may be left out.
    [[nodiscard]] virtual std::map<BakeState, std::int64_t> count() = 0;
    /// Events of all attempts after that place, at most `limit`, in order.
    [[nodiscard]] virtual std::vector<BakeEvent> events(
        const BakeId& id, const EventPlace& after, std::size_t limit
    ) = 0;
    /// Removes these records, with their events, in one commit. One that is not over stays, one
    /// that is gone already is passed over. @returns how many went
    virtual std::size_t forget(const std::vector<BakeId>& ids) = 0;
};

}  // namespace kiln::ports
