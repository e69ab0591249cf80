#pragma once

#include "aws/json_client.hpp"

#include <functional>
#include <string>

namespace kiln::aws {

/// One call of a protocol whose requests may be sent again: three attempts in all, with the SDKs'
/// pauses, as far as the quota goes.
struct Exchange {
    const ClientWorld& world;
    RetryQuota& quota;
    std::string name;  ///< for messages: "s3 GET /b/k"
    /// Signed anew for each attempt.
    std::function<net::ClientRequest()> request;
    /// This answer may be another one the next time.
    std::function<bool(const net::ClientResponse&)> may_pass;
};

/// The first answer that is not worth another attempt, or the last one.
/// @throws Error  unavailable, timed_out: no answer · cancelled: `stop` · others by the transport
[[nodiscard]] net::ClientResponse exchange(const Exchange& call, const std::stop_token& stop);

}  // namespace kiln::aws
