#pragma once

#include "flow/engine/timeline.hpp"
#include "flow/execution.hpp"
#include "flow/step.hpp"
#include "ports/flow_store.hpp"

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>

namespace kiln::flow {

/// A redrive that a client token stands for.
struct RedriveToken {
    std::string token;
    TimePoint at;  ///< the redrive's, time of day

    bool operator==(const RedriveToken&) const = default;
};

/// What the engine remembers of an execution besides what the interpreter does.
struct ExecutionExtras {
    bool express = false;
    std::string trace_header;
    std::deque<RedriveToken> redrive_tokens;  ///< the last 10

    bool operator==(const ExecutionExtras&) const = default;
};

/// What has happened to an execution since it was last written.
struct Unwritten {
    bool whole = false;  ///< it is new: nothing of it is in the store
    bool state = false;  ///< it has ended, or was redriven
    bool head = false;   ///< something happened
    std::set<FrameId> touched, enlarged, removed;
    std::string history;
    EventId first = 0, last = 0;

    [[nodiscard]] bool any() const noexcept { return whole || state || head; }
};

/// An execution in memory.
struct OpenExecution {
    Execution execution;
    ports::ExecutionRow row;  ///< what does not change; `input` only until it is written
    ExecutionExtras extras;
    std::map<TaskNumber, FrameId> tasks;  ///< that are open
    Unwritten unwritten;
    std::map<FrameId, std::size_t> written;  ///< frames that are in the store, with their bytes
    std::size_t bytes = 0;                   ///< about what it takes in memory
    std::list<ports::ExecutionNumber>::iterator used;

    [[nodiscard]] bool running() const noexcept { return execution.status == Status::running; }

    /// Express, and not a Map Run's child: gone when it has ended.
    [[nodiscard]] bool fleeting() const noexcept { return extras.express && row.map_run.empty(); }
};

/// The pseudo-frame in which an open execution's own head stands.
constexpr std::int64_t kHeadFrame = -1;

/// What a stored frame waits for: an activity's ARN, "*" something that the engine has to see to
/// after a restart, "" nothing (but timers, or a token's report).
[[nodiscard]] std::string waits_for(const Frame& frame);

/// The earliest of a frame's timers; of the root, the execution's, too.
[[nodiscard]] std::optional<TimePoint> wakes_at(const Execution& execution, const Frame& frame);

/// Notes what an event did. `history`'s times become times of day.
void note_outcome(OpenExecution& open, std::vector<HistoryEvent>& history, const Timeline& time);

/// Adds what has to be written; afterwards nothing is unwritten.
void write_execution(OpenExecution& open, const Timeline& time, ports::FlowChanges& changes);

/// The execution that rows hold. `execution.facts.machine` has to be there; map_item is from the
/// head. @throws Error corrupt
void read_execution(
    OpenExecution& open, const std::vector<ports::FrameRow>& frames, const Timeline& time
);

/// The execution's own part of a row's `more` (or its head frame): all but facts and frames.
struct HeadText {
    Timeline::Stamp stamp;
    ExecutionExtras extras;
    Payload map_item;
    std::string_view execution;  ///< for decode_execution; borrowed from the text
};

/// @throws Error corrupt
[[nodiscard]] HeadText read_head(std::string_view text);

}  // namespace kiln::flow
