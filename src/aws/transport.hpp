#pragma once

#include "net/client.hpp"

#include <functional>
#include <stop_token>

namespace kiln::aws {

/// One HTTP exchange; `net::HttpClient::send` but in tests. Safe from several threads.
using Transport =
    std::function<net::ClientResponse(const net::ClientRequest&, const std::stop_token&)>;

/// Over an HTTP client of its own.
[[nodiscard]] Transport http_transport(net::ClientOptions options = {});

}  // namespace kiln::aws
