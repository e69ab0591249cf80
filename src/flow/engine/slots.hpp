#pragma once

#include "base/guarded.hpp"
#include "flow/engine/activity_lines.hpp"
#include "flow/engine/open_execution.hpp"
#include "flow/engine/timer_index.hpp"

#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kiln::flow {

/// What the indexes know of a frame that waits.
struct Mark {
    std::optional<TimePoint> wakes;
    ActivityLine* line = nullptr;  ///< its task waits for a worker there
    TimePoint since;
};

/// An execution that is open, or whose end is not durable. In memory or not.
struct Slot {
    std::string arn;
    ports::ExecutionNumber number = 0;
    std::map<FrameId, Mark> marks;
    std::unique_ptr<OpenExecution> open;  ///< null: read when it goes on
    bool dirty = false;                   ///< in the gathering batch
    bool writing = false;                 ///< in the one that is being written
    bool stale = false;                   ///< its marks are from before a failed commit
};

/// The machine's ARN that an execution's ARN tells; "" none (a Map Run's child).
[[nodiscard]] std::string counted_machine(std::string_view execution_arn);

/// All of them, with the indexes of what they wait for, and which are in memory. Of the engine's
/// thread, but for open_of().
class Slots {
  public:
    Slots(TimerIndex& timers, ActivityLines& lines) : timers_{timers}, lines_{lines} {}

    /// @param arn  that no slot has
    Slot& add(ports::ExecutionNumber number, std::string arn);
    /// With its marks.
    void remove(Slot& slot);
    [[nodiscard]] Slot* find(ports::ExecutionNumber number);
    [[nodiscard]] Slot* find(std::string_view arn);

    [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

    [[nodiscard]] std::size_t in_memory() const noexcept { return used_.size(); }

    /// From any thread.
    [[nodiscard]] std::size_t open_of(std::string_view machine) const;

    /// What the frame waits for from now on.
    void mark(Slot& slot, FrameId frame, std::optional<TimePoint> wakes);
    void enqueue(Slot& slot, FrameId frame, const std::string& activity, TimePoint since);
    void dequeue(Slot& slot, FrameId frame);
    void unmark(Slot& slot, FrameId frame);
    void clear_marks(Slot& slot);

    void keep(Slot& slot, std::unique_ptr<OpenExecution> open);
    void forget(Slot& slot);
    /// It was used just now.
    void refresh(Slot& slot);
    /// Drops those that were not used for the longest time and are durable.
    void shrink(std::size_t at_most_bytes);
    void weigh(Slot& slot, std::size_t bytes_before);

  private:
    using Marks = std::map<FrameId, Mark>;
    void drop_timer(Slot& slot, FrameId frame, Mark& mark);
    void drop_place(Slot& slot, FrameId frame, Mark& mark);
    static void tidy(Slot& slot, Marks::iterator at);
    void count(const Slot& slot, int by);

    TimerIndex& timers_;
    ActivityLines& lines_;
    std::unordered_map<ports::ExecutionNumber, Slot> slots_;
    std::unordered_map<std::string_view, Slot*> by_arn_;
    std::list<ports::ExecutionNumber> used_;  ///< in memory; the front was used last
    std::size_t bytes_ = 0;
    mutable Guarded<std::map<std::string, std::size_t, std::less<>>> counts_;
};

}  // namespace kiln::flow
