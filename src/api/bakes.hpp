#pragma once

#include "api/event_hub.hpp"
#include "api/router.hpp"
#include "ports/bake_store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::api {

/// What the routes of bakes need. All outlives them.
struct BakesWorld {
    ports::BakeStore& bakes;
    EventHub& events;
    /// Checks a request, puts it into the queue of requests and writes its record; all durable on
    /// return. The same key again is the same bake.
    std::function<ports::BakeRecord(const std::string& body, const std::optional<std::string>& key)>
        submit;
    /// Asks for a bake's end; does not wait for it. @throws Error  not_found · conflict: it is over
    std::function<void(const BakeId& id)> cancel;
};

/// POST /v1/bakes, GET /v1/bakes[/{id}[/events|/logs]], DELETE /v1/bakes/{id}.
[[nodiscard]] std::vector<Route> bake_routes(BakesWorld world);

/// A record as the native API shows it.
[[nodiscard]] json::object bake_json(const ports::BakeRecord& record);

}  // namespace kiln::api
