#pragma once

#include <string_view>

namespace kiln {

/// A named point at which a test build can make this process fail.
///
/// `KILN_FAULT=ACTION@NAME` with ACTION `kill` (SIGKILL to this process), `int` (SIGINT to this
/// process), or `error` (throws Error unavailable). Compiled to nothing without KILN_FAULT_POINTS.
/// The bake calls `fault_point("before:STEP")` and `fault_point("after:STEP")`.
#ifdef KILN_FAULT_POINTS
void fault_point(std::string_view name);
/// True when `KILN_FAULT` is ACTION@NAME: for faults that only the caller can make.
[[nodiscard]] bool fault_wanted(std::string_view action, std::string_view name);
#else
inline void fault_point(std::string_view) {}

[[nodiscard]] inline bool fault_wanted(std::string_view, std::string_view) {
    return false;
}
#endif

}  // namespace kiln
