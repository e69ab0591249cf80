#pragma once

#include "flow/engine/engine.hpp"

#include <list>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace kiln::flow {

/// A poll that waits for a task.
struct Poll {
    PollTicket ticket = 0;
    std::string worker;
    TimePoint until;
    Callback<ActivityTask> done;
};

/// A task that waits for a worker: first come, first served.
struct WaitingTask {
    TimePoint since;
    ports::ExecutionNumber execution = 0;
    FrameId frame = 0;

    bool operator<(const WaitingTask& other) const noexcept {
        return std::tie(since, execution, frame) <
               std::tie(other.since, other.execution, other.frame);
    }
};

/// One activity's tasks that wait for workers, and its workers that wait for tasks.
struct ActivityLine {
    std::string arn;
    std::set<WaitingTask> tasks;
    std::list<Poll> polls;
};

/// The lines of all activities.
class ActivityLines {
  public:
    /// Stays where it is as long as a task or poll is in it.
    ActivityLine& at(const std::string& arn);

    void add(ActivityLine& line, const WaitingTask& task);
    void remove(ActivityLine& line, const WaitingTask& task);

    void park(const std::string& arn, Poll poll);
    /// Takes a poll out; nullopt: it is answered already.
    [[nodiscard]] std::optional<Poll> unpark(PollTicket ticket);
    /// The poll that has waited for the longest time, taken out.
    [[nodiscard]] Poll next_poll(ActivityLine& line);

    /// The next poll whose wait is over, and when.
    [[nodiscard]] std::optional<std::pair<TimePoint, PollTicket>> first_deadline() const;
    [[nodiscard]] std::optional<PollTicket> any_poll() const;

    /// A line that has both tasks and polls; nullptr: none.
    [[nodiscard]] ActivityLine* next_match();
    /// Nothing is in it any more.
    void tidy(const std::string& arn);

  private:
    struct Place {
        ActivityLine* line = nullptr;
        std::list<Poll>::iterator at;
    };

    std::unordered_map<std::string, ActivityLine> lines_;
    std::unordered_map<PollTicket, Place> places_;
    std::set<std::pair<TimePoint, PollTicket>> deadlines_;
    std::unordered_set<ActivityLine*> matching_;
};

}  // namespace kiln::flow
