#pragma once

#include "base/error.hpp"
#include "net/client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::aws {

/// What a service answered in place of a result.
struct ServiceFailure {
    unsigned status = 0;
    std::string name;  ///< "QueueDoesNotExist": no namespace, no "Exception" at its end; "": none
    std::string message;
    std::optional<std::chrono::seconds> retry_after;

    bool operator==(const ServiceFailure&) const = default;
};

/// Of a JSON protocol's answer that is not 2xx. Pure.
[[nodiscard]] ServiceFailure read_failure(const net::ClientResponse& response);

/// The names of all services that mean the same everywhere, else what the status says.
[[nodiscard]] ErrorKind common_kind(const ServiceFailure& failure) noexcept;

/// What trying again is good for.
enum class RetryClass {
    never,         ///< the answer will be the same
    transient,     ///< the service, or the way to it, has failed
    throttled,     ///< too many requests
    clock,         ///< the signature's time is not the service's
    expired_keys,  ///< with other keys
};

[[nodiscard]] RetryClass retry_class(const ServiceFailure& failure) noexcept;

}  // namespace kiln::aws
