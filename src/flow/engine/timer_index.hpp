#pragma once

#include "base/time.hpp"
#include "flow/execution.hpp"
#include "ports/flow_store.hpp"

#include <optional>
#include <set>
#include <tuple>

namespace kiln::flow {

/// Which frame wakes when, by the engine's time.
class TimerIndex {
  public:
    struct Entry {
        TimePoint at;
        ports::ExecutionNumber execution = 0;
        FrameId frame = 0;

        bool operator<(const Entry& other) const noexcept {
            return std::tie(at, execution, frame) <
                   std::tie(other.at, other.execution, other.frame);
        }
    };

    void add(const Entry& entry) { entries_.insert(entry); }

    void remove(const Entry& entry) { entries_.erase(entry); }

    [[nodiscard]] std::optional<Entry> first() const {
        return entries_.empty() ? std::nullopt : std::optional{*entries_.begin()};
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    std::set<Entry> entries_;
};

}  // namespace kiln::flow
