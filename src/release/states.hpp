#pragma once

#include "base/json.hpp"
#include "release/definition.hpp"
#include "release/plan.hpp"

#include <string>
#include <string_view>

/// The kinds of states that a release's machine consists of.
namespace kiln::release {

/// Where a state leads.
struct Next {
    std::string state;  ///< "": it is the last of its group

    void put(json::object& state) const;
};

/// A task of a function: `parameters` with its name in front.
[[nodiscard]] json::object function_state(
    const Resources& resources,
    std::string_view function,
    json::object parameters,
    std::string_view result_path,
    const Next& next
);

/// Whatever goes wrong is put at `path`, and the machine goes on at `next`.
[[nodiscard]] json::array catch_all(std::string_view path, std::string_view next);

[[nodiscard]] json::object choice_state(
    std::string_view variable, bool value, std::string_view next, std::string_view otherwise
);

/// A step's own task, of its activity.
[[nodiscard]] json::object activity_state(
    const Step& step, const std::string& activity, const Next& next
);

/// Keeps these members of the data alone, and ends the group.
[[nodiscard]] json::object end_state(std::initializer_list<std::string_view> members);

}  // namespace kiln::release
