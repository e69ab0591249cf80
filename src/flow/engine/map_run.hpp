#pragma once

#include "flow/engine/engine.hpp"
#include "flow/execution.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

/// How a Map Run goes on: pure.
namespace kiln::flow {

/// What a Map Run's children may do. A threshold that is not set does not count, but when neither
/// is, no item may fail.
struct MapRunLimits {
    std::int64_t max_concurrency = 0;  ///< 0: as many as may be
    std::optional<std::int64_t> tolerated_count;
    std::optional<double> tolerated_percentage;

    bool operator==(const MapRunLimits&) const = default;
};

/// A child: an execution of one item, or of one batch of items.
enum class ChildState : std::uint8_t {
    pending,    ///< not begun
    again,      ///< it failed, and is redriven with its Map Run: not begun again yet
    running,    ///< begun
    succeeded,  ///< these have ended
    failed,
    timed_out,
    aborted,
};

[[nodiscard]] ChildState child_state(Status status) noexcept;

/// AWS: so many children of a Map Run run at once.
constexpr std::int64_t kMostChildrenAtOnce = 10'000;

/// A Map Run's children and what is to be done about them.
class MapRunChildren {
  public:
    MapRunChildren() = default;
    /// @param items  of each child
    MapRunChildren(std::vector<std::int32_t> items, MapRunLimits limits);

    void set_limits(MapRunLimits limits) { limits_ = limits; }

    [[nodiscard]] const MapRunLimits& limits() const noexcept { return limits_; }

    [[nodiscard]] std::int64_t size() const noexcept {
        return static_cast<std::int64_t>(states_.size());
    }

    [[nodiscard]] ChildState state(std::int64_t index) const {
        return states_[static_cast<std::size_t>(index)];
    }

    void set(std::int64_t index, ChildState state);
    /// All that failed are to run again.
    void redrive();

    /// The child that is to begin next, or again; nullopt: none now.
    [[nodiscard]] std::optional<std::int64_t> next() const;
    /// More items have failed than may.
    [[nodiscard]] bool breached() const noexcept;
    /// Every child has ended.
    [[nodiscard]] bool ended() const noexcept;

    [[nodiscard]] std::int64_t running() const noexcept { return executions_.running; }

    /// The running children, from `from` on, at most so many.
    [[nodiscard]] std::vector<std::int64_t> running(std::size_t at_most) const;

    [[nodiscard]] const MapRunCounts& items() const noexcept { return items_; }

    [[nodiscard]] const MapRunCounts& executions() const noexcept { return executions_; }

  private:
    void count(std::int64_t index, int by);

    std::vector<ChildState> states_;
    std::vector<std::int32_t> items_of_;
    MapRunLimits limits_;
    MapRunCounts items_, executions_;
    std::int64_t begun_ = 0;  ///< no child below is pending
    std::deque<std::int64_t> again_;
};

}  // namespace kiln::flow
