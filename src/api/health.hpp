#pragma once

#include "api/metrics.hpp"
#include "api/router.hpp"

#include <functional>
#include <string>
#include <vector>

namespace kiln::api {

/// What the routes about the server itself need. All outlives them.
struct ServerFacts {
    std::string version;
    /// Asks the store for something small. @throws Error  when it does not answer
    std::function<void()> check;
    /// Gathers what /metrics shows, and hands it on, from any thread, exactly once.
    std::function<void(std::function<void(MetricsFacts)>)> metrics;
};

/// GET /healthz (open), GET /metrics, GET /v1/version.
[[nodiscard]] std::vector<Route> health_routes(ServerFacts facts);

}  // namespace kiln::api
