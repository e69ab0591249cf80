#pragma once

#include "base/json.hpp"
#include "release/results.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace kiln::release {

/// A member's text; `otherwise` where there is none.
[[nodiscard]] std::string text_of(
    const json::object& object, std::string_view key, std::string_view otherwise = {}
);

/// {"status", "reason", "error", "cause", and what the worker said}, without what is empty.
/// @param longest  of a cause (its beginning) and a tail (its end), in bytes
[[nodiscard]] json::object to_json(const Outcome& outcome, std::size_t longest);
/// What that wrote.
[[nodiscard]] Outcome read_outcome(const Instance& instance, const json::object& written);

/// "MakeBinaryPackage 4.26.1 debian-12-bookworm: Worker.Failed, exit status 2, worker …, log …".
[[nodiscard]] std::string failure_line(const Outcome& outcome);

}  // namespace kiln::release
