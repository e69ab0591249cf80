#pragma once

#include "base/json.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Histories that were recorded from AWS, and how ours are compared with them.
namespace kiln::flow::testing {

/// The recorder's placeholders in a text stand for any text; JSON in strings is compared as JSON;
/// times do not count.
[[nodiscard]] bool alike(const json::value& recorded, const json::value& shown);

/// The first difference of two histories; "" none. Events whose ids the recorder blanked (inside a
/// Parallel) are compared in any order, and ParallelStateSucceeded, which it lost, is not missed.
[[nodiscard]] std::string difference(const json::array& recorded, const json::array& shown);

}  // namespace kiln::flow::testing
