#pragma once

#include "aws/queue_url.hpp"
#include "aws/shared_config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::aws {

/// Where a service is, and as which region requests to it are signed.
struct Location {
    std::string region;
    std::string endpoint;  ///< a URL without a path

    bool operator==(const Location&) const = default;
};

/// AWS_REGION, AWS_DEFAULT_REGION, the profile's; nullopt: none is set.
/// @throws Error  not_found: the profile
[[nodiscard]] std::optional<std::string> configured_region(
    const Variables& environment, const SharedFiles& files
);

/// Region: `region` where given, AWS_REGION, AWS_DEFAULT_REGION, the profile's. Endpoint:
/// AWS_ENDPOINT_URL_SERVICE, AWS_ENDPOINT_URL, the profile's services section, the profile's
/// endpoint_url, else the service's own in that region; AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
/// leaves that one alone.
/// @param service  "sqs"
/// @param region   "": as configured
/// @throws Error  invalid: no region, or what is there is not one; an endpoint that is not a URL ·
///                not_found: the profile
[[nodiscard]] Location locate(
    std::string_view service,
    const std::string& region,
    const Variables& environment,
    const SharedFiles& files
);

/// Where the queue of a URL is reached: in its own region of AWS, or at the configured endpoint.
/// @throws Error  as `locate` · denied: at neither; a request must not make kiln speak to any host
/// that it names
[[nodiscard]] Location locate_queue(
    const QueueUrl& url, const Variables& environment, const SharedFiles& files
);

/// "https://sqs.eu-west-1.amazonaws.com"
[[nodiscard]] std::string regional_endpoint(std::string_view service, std::string_view region);

}  // namespace kiln::aws
