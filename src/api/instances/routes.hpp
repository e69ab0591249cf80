#pragma once

#include "api/router.hpp"
#include "instances/desk.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace kiln::api {

/// What the routes of the instance API need. All outlives them.
struct InstancesWorld {
    instances::Desk& desk;
    /// Does the work on another thread: it may wait for a cloud, a queue, or a disk.
    /// @returns  false: too much waits already, it was not taken
    std::function<bool(std::function<void()>)> aside;
    std::function<bool(std::string_view)> is_token;  ///< in constant time
};

/// The routes of README.md. Errors are `{"error": "…"}` or `{"errors": ["…", …]}`.
[[nodiscard]] std::vector<Route> instance_routes(InstancesWorld world);

}  // namespace kiln::api
