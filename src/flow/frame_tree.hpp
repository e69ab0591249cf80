#pragma once

#include "flow/execution.hpp"

/// Where frames stand to one another.
namespace kiln::flow {

/// More iterations than any payload can hold items.
constexpr std::int64_t kMostChildren = 100'000'000;

/// The group that the child `index` of a forked frame runs; nullptr: there is none.
[[nodiscard]] const asl::StateGroup* child_group(const Frame& parent, std::int64_t index);

/// The state that a frame is in.
[[nodiscard]] inline const asl::State& state_of(const Frame& frame) {
    return frame.group->states[frame.state];
}

[[nodiscard]] inline bool is_map(const Frame& frame) {
    return state_of(frame).type == asl::StateType::map;
}

/// A task that was given out and has not ended.
[[nodiscard]] inline bool has_open_task(const Frame& frame) noexcept {
    return frame.phase == Phase::scheduled || frame.phase == Phase::started ||
           frame.phase == Phase::submitted || frame.phase == Phase::mapping;
}

/// A frame whose turn has not ended: done ones have given their result, failed ones wait for a
/// redrive.
[[nodiscard]] inline bool is_open(const Frame& frame) noexcept {
    return frame.phase != Phase::done && frame.phase != Phase::failed;
}

}  // namespace kiln::flow
