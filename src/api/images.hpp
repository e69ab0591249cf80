#pragma once

#include "api/router.hpp"
#include "ports/cloud.hpp"

#include <vector>

namespace kiln::api {

/// GET /v1/images, GET /v1/images/{id}. `images` outlives them.
[[nodiscard]] std::vector<Route> image_routes(ports::Images& images);

}  // namespace kiln::api
