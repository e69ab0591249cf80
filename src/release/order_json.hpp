#pragma once

#include "base/json.hpp"
#include "release/results.hpp"
#include "release/words.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The order as it is in the machine's data, as `release`.
namespace kiln::release {

/// An order on its way, and how far it is.
struct Round {
    Order order;
    std::int64_t number = 0;  ///< how often it was taken up again
};

[[nodiscard]] json::object to_json(const Round& round);
/// @throws Error  invalid
[[nodiscard]] Round read_round(const json::object& input);

/// All data that the main branch begins with: {"release", "items", "done", "before", "results"}.
[[nodiscard]] json::object first_data(const Round& round, const std::vector<Instance>& done);

/// `done` of one scope: "STEP" or "STEP DISTRO" each.
[[nodiscard]] std::vector<Instance> read_done(
    const json::object& input, const std::string& version
);

/// What an input with `execution` and `round` is about: a redriven execution has several rounds.
[[nodiscard]] std::string round_name(const json::object& input);

/// A member of an input. @throws Error  invalid: there is none
[[nodiscard]] const json::value& member(const json::object& input, std::string_view key);
[[nodiscard]] const json::object& object_member(const json::object& input, std::string_view key);

}  // namespace kiln::release
